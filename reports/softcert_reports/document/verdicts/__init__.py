"""The verdict as a function of the results document: levels, verdicts, counts, the baseline's outcome, the exit code.

Whoever writes a document fills these fields in by `derive`, and whoever reads one holds it against the same function
(`contradictions`): there is no second copy of the rules.
"""
