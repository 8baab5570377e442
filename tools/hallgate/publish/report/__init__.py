"""Decisions, plans and explanations as text that people and machines read."""

from hallgate.publish.report.explain import render_explanation
from hallgate.publish.report.plan import render_plan
from hallgate.publish.report.render import FORMATS, render
from hallgate.publish.report.view import DecisionView

__all__ = ["FORMATS", "DecisionView", "render", "render_explanation", "render_plan"]
