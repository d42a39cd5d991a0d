"""The table of presets. Each has its source, the sizes that it really uses, and the date on which it was read.

A source says which part of a rule is from memory, since its document was not at hand on that date.
"""

from __future__ import annotations

from collections.abc import Mapping

from softcert.audit.presets import special
from softcert.audit.presets.preset import Inputs, Near, Preset
from softcert_oracle.errors import unknown

_READ = "2026-11-27"

_KERNEL_INPUTS = {
    "rows": (Inputs(law="uniform", rows=4096, classes=393_216),),
    "labels": (Inputs(law="uniform", rows=32_768, classes=4096),),
}

_VOCABULARIES = tuple(Inputs(law="normal", rows=4096, classes=c) for c in (32_000, 50_264, 128_256))

_FUSED_SHAPES = ((2, 8), (4, 16), (1, 1023), (21, 256), (1, 4096), (2, 70_000))

PRESETS: Mapping[str, Preset] = {
    p.name: p
    for p in (
        Preset(
            name="kernel-benchmark",
            title="kernel benchmark, 1e-4 in float32 and 1e-2 below",
            source="ScalingIntelligence/KernelBench, src/kernelbench/eval.py: get_tolerance_for_precision, allclose; "
            "sizes of problems 23 and 95 of level 1, inputs of torch.rand, by public copies; five trials from memory",
            read=_READ,
            near={"": Near(atol=1e-2, rtol=1e-2), "float32": Near(atol=1e-4, rtol=1e-4)},
            inputs=_KERNEL_INPUTS,
            seeds=5,
        ),
        Preset(
            name="kernel-benchmark-1e-2",
            title="kernel benchmark, 1e-2 in every format",
            source="ScalingIntelligence/KernelBench, src/eval.py: v0 and v0.1 use atol=rtol=1e-2; the sizes are "
            "those of the rule above",
            read=_READ,
            near={"": Near(atol=1e-2, rtol=1e-2)},
            inputs=_KERNEL_INPUTS,
            seeds=5,
        ),
        Preset(
            name="competition",
            title="cross-entropy task of a kernel competition, bfloat16",
            source="gpu-mode/reference-kernels, problems/princeton/cross_entropy_py, task.yml and eval.py: bfloat16, "
            "B = 4096, V in 32000, 50264, 128256, allclose, losses by row (here their mean); from memory: torch.randn, "
            "rtol=1e-2, atol=1e-3 of its reference.py",
            read=_READ,
            near={"": Near(atol=1e-3, rtol=1e-2)},
            inputs={"labels": _VOCABULARIES, "rows": _VOCABULARIES},
        ),
        Preset(
            name="beyond-both",
            title="wrong only where beyond 1e-2 absolute and 1e-2 relative",
            source="flashinfer-ai/flashinfer-bench, flashinfer_bench/bench/utils.py: compute_error_stats, with the "
            "defaults of bench/config.py (1e-2, 1e-2, three trials); inputs of torch.randn, one size of the "
            "competition above",
            read=_READ,
            near={"": Near(atol=1e-2, rtol=1e-2, rule="either")},
            inputs={"labels": _VOCABULARIES[:1], "rows": _VOCABULARIES[:1]},
            seeds=3,
        ),
        Preset(
            name="matched-ratio",
            title="99 in a hundred numbers within 1e-2",
            source="the same file with required_matched_ratio=0.99, as tasks of that benchmark set it",
            read=_READ,
            near={"": Near(atol=1e-2, rtol=1e-2, rule="either", ratio=0.99)},
            inputs={"labels": _VOCABULARIES[:1], "rows": _VOCABULARIES[:1]},
            seeds=3,
        ),
        Preset(
            name="fused-kernels",
            title="tests of a library of fused kernels",
            source="linkedin/Liger-Kernel, test/transformers/test_softmax.py: torch.randn, float32 at 1e-5, "
            "bfloat16 at 5e-2; its shapes, in two axes, stand for every operation here",
            read=_READ,
            near={"": Near(atol=5e-2, rtol=5e-2), "float32": Near(atol=1e-5, rtol=1e-5)},
            inputs={
                kind: tuple(Inputs(law="normal", rows=m, classes=c) for m, c in _FUSED_SHAPES)
                for kind in ("rows", "labels")
            },
        ),
        Preset(
            name="assert-close",
            title="torch.testing.assert_close, its defaults",
            source="torch 2.13, torch.testing: default tolerances by format; the inputs are ours, three "
            "normal ones (16, 128)",
            read=_READ,
            near={
                "float64": Near(atol=1e-7, rtol=1e-7),
                "float32": Near(atol=1e-5, rtol=1.3e-6),
                "float16": Near(atol=1e-5, rtol=1e-3),
                "bfloat16": Near(atol=1e-5, rtol=1.6e-2),
            },
            inputs={kind: (Inputs(law="normal", rows=16, classes=128),) for kind in ("rows", "labels")},
            seeds=3,
        ),
        Preset(
            name="gradcheck",
            title="torch.autograd.gradcheck, its defaults",
            source="torch 2.13, torch.autograd.gradcheck: eps=1e-6, atol=1e-5, rtol=1e-3; float64, (3, 5)",
            read=_READ,
            own=special.gradcheck,
        ),
        Preset(
            name="onnx-backend",
            title="backend tests of ONNX",
            source="onnx/onnx, onnx/backend/test/case/node/softmax.py (its three inputs) and test/runner/__init__.py "
            "(assert_allclose); from memory: rtol=1e-3, atol=1e-7",
            read=_READ,
            own=special.onnx_backend,
        ),
        Preset(
            name="loose-isclose",
            title="array-API style isclose, 0.25 relative and 1 absolute",
            source="data-apis/array-api-tests: math.isclose(rel_tol=0.25, abs_tol=1) for floating-point results; the "
            "input, one of (16, 128), is ours",
            read=_READ,
            near={"": Near(atol=1.0, rtol=0.25)},
            inputs={kind: (Inputs(law="normal", rows=16, classes=128),) for kind in ("rows", "labels")},
        ),
        Preset(
            name="hypothesis-scipy",
            title="Hypothesis beside SciPy at 1e-5",
            source="no document: a plain test with hypothesis.extra.numpy, 100 arrays up to (8, 16) in [-100, 100]",
            read=_READ,
            own=special.hypothesis_scipy,
        ),
    )
}
"""The presets by name."""


def preset(name: str) -> Preset:
    """The preset of a name.

    Raises
    ------
    UsageError
        For any other name.
    """
    if name not in PRESETS:
        raise unknown("preset", name, ("all", *PRESETS))
    return PRESETS[name]
