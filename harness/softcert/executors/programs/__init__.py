"""Subjects that are programs in any language: how they are called, described, and what their failures mean."""
