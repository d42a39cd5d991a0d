"""``softcert init``: a contract, a baseline and the CI file for one SPEC, ready to commit."""

from softcert.commands.init.project import CI_FILES, Project, gate, prepare, write

__all__ = ["CI_FILES", "Project", "gate", "prepare", "write"]
