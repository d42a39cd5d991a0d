"""Diagnosis: which known defect a failing subject behaves like."""
