from napari_cellib.errors import PixelsUnreachable
from napari_cellib.pixels.streaming.failures import Failures

KEY = ("level", (0, 0))


def test_pauses_grow_and_end():
    failures, error = Failures(), PixelsUnreachable("host", "it took too long")
    pauses = [failures.note(KEY, error, can_mend=True) for _ in range(5)]

    assert pauses == [0.5, 2.0, 8.0, None, None]
    assert failures.without([KEY]) == []
    failures.settle(KEY)
    assert failures.without([KEY]) == [KEY]
    assert failures.note(KEY, error, can_mend=True) == 0.5


def test_what_cannot_mend_is_never_due():
    failures, error = Failures(), PixelsUnreachable("host", "it is damaged")

    assert failures.note(KEY, error, can_mend=False) is None
    assert failures.without([KEY, ("level", (1, 0))]) == [("level", (1, 0))]
    assert failures.of([KEY]) == [error]
    failures.clear()
    assert failures.of([KEY]) == []
