"""A property made once: also its failure is kept, so that a thousand items do not repeat it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class once(Generic[T]):  # noqa: N801 - reads as a decorator, like property
    """Like functools.cached_property, but an exception is kept and raised again as well."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self._name = f"_once_{make.__name__}"
        self.__doc__ = make.__doc__

    def __get__(self, instance: Any, owner: type | None = None) -> T:
        kept = instance.__dict__
        if self._name not in kept:
            try:
                kept[self._name] = (self._make(instance), None)
            except Exception as error:
                kept[self._name] = (None, error)
        value, failure = kept[self._name]
        if failure is not None:
            raise failure
        return value  # type: ignore[no-any-return]
