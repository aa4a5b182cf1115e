"""Lab files: their model, their loader with its checks, questions and answers, and a learner's progress."""

from .errors import LabError, LabNotFound, Problem
from .lesson import Lab, Question, Step
from .loader import LabEntry, lint_file, list_labs, load_lab, read_lab

__all__ = [
    "Lab", "LabEntry", "LabError", "Problem", "Question", "Step", "LabNotFound", "lint_file", "list_labs", "load_lab",
    "read_lab",
]  # fmt: skip
