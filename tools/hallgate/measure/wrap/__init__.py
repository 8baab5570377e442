"""Foreign reports become house results: one module per report, one registry.

Reports differ in how they say "nothing found", and some say it when they looked at nothing;
each module tells the two apart, and where the report does not say, the status is `not_run`.
"""

from hallgate.measure.wrap.registry import WRAPPERS, wrap
from hallgate.measure.wrap.report import Report

__all__ = ["WRAPPERS", "Report", "wrap"]
