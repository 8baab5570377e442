import pytest

from hallgate.testing.once import once


class Kitchen:
    def __init__(self):
        self.cooked = 0

    @once
    def soup(self):
        """Soup."""
        self.cooked += 1
        return ["soup"]

    @once
    def fire(self):
        self.cooked += 1
        raise ValueError("it burns")


def test_a_value_is_made_once_for_each_instance():
    one, other = Kitchen(), Kitchen()
    assert one.soup is one.soup
    assert one.soup is not other.soup
    assert one.cooked == 1


def test_a_failure_is_kept_too():
    kitchen = Kitchen()
    for _ in range(3):
        with pytest.raises(ValueError, match="it burns"):
            _ = kitchen.fire
    assert kitchen.cooked == 1
