"""The files of CI systems that ``softcert init`` writes: they install what is needed and run one command.

The text is YAML by hand, for the comments and the order; every value that a user gives stands in the shell's quotes
inside a block scalar, where YAML reads no escapes.
"""

from __future__ import annotations

from collections.abc import Sequence

FOLDER = "reports/softcert"
"""Where the job leaves its report; kept as an artifact."""


def github(installs: Sequence[str], command: str, python: str) -> str:
    """A workflow for GitHub Actions.

    Parameters
    ----------
    installs
        Shell commands that install softcert and what the subject needs.
    command
        The gate, without its outputs.
    python
        The version of Python, as "3.12".
    """
    steps = "".join(f"      - run: |-\n          {line}\n" for line in installs)
    return f"""\
# Written by softcert init. See docs/ci.md of softcert.
name: softcert
on: [push, pull_request]
permissions:
  contents: read
  security-events: write # for the upload of SARIF
jobs:
  certify:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "{python}"
{steps}\
      - run: |-
          {command} --report {FOLDER} --sarif {FOLDER}/softcert.sarif
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: softcert
          path: {FOLDER}
      - uses: github/codeql-action/upload-sarif@v3
        if: always()
        continue-on-error: true # where code scanning is off
        with:
          sarif_file: {FOLDER}/softcert.sarif
"""


def gitlab(installs: Sequence[str], command: str, python: str) -> str:
    """A job for GitLab CI; the parameters are those of `github`."""
    lines = "".join(f"    - |-\n      {line}\n" for line in installs)
    return f"""\
# Written by softcert init. See docs/ci.md of softcert.
softcert:
  image: python:{python}
  script:
{lines}\
    - |-
      {command} --report {FOLDER} --junit {FOLDER}/junit.xml
  artifacts:
    when: always
    paths:
      - {FOLDER}
    reports:
      junit: {FOLDER}/junit.xml
      codequality: gl-code-quality-report.json
"""
