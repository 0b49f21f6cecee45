"""What tests of depositions do again and again."""

from __future__ import annotations

from napari_cellib.deposit.depositing import carry_on, submit
from napari_cellib.jobs import drive


def deposited(depositions, draft, home, **options):
    deposition = submit(depositions, draft, home)
    return drive(carry_on(depositions, deposition.id, home, **options))


def stopped_after(job, label):
    """Run a job until it says something, and stop it there."""
    for step in job:
        if step.label.startswith(label):
            break
    else:
        raise AssertionError(f"it never said {label}")
    job.close()


STEPS = (
    "Writing the image", "Looking for files", "Asking the library",
    "Asking what is there", "Sending", "Putting", "Finishing", "Adding the record",
    "Making the thumbnail",
)  # fmt: skip
