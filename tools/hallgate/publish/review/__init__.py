"""The review of a change: what it would do, before anybody merges it."""

from hallgate.publish.review.as_json import json_review
from hallgate.publish.review.html import html_review
from hallgate.publish.review.markdown import markdown_review
from hallgate.publish.review.sarif import sarif_review
from hallgate.publish.review.value import Review

FORMATS = {
    "markdown": markdown_review,
    "html": html_review,
    "json": json_review,
    "sarif": sarif_review,
}

__all__ = ["FORMATS", "Review", "html_review", "json_review", "markdown_review", "sarif_review"]
