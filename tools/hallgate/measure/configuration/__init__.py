"""Configuration documents become evidence: carried whole, with their digest, as JSON text.

Only what a rule could not do is done here: lists are taken apart, the format is named, values
that are secret are taken out, and pipelines become graphs. What is right or wrong is said by the
policies alone.
"""

from hallgate.measure.configuration.carry import TYPES, Source, carried, types_of, wrap
from hallgate.measure.configuration.formats import format_of
from hallgate.measure.configuration.pipelines.task import STEPS

__all__ = ["STEPS", "TYPES", "Source", "carried", "format_of", "types_of", "wrap"]
