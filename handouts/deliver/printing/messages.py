"""What a printer or a job reports -> messages for the staff. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from handouts.deliver.printing.scheduler import ABORTED, CANCELED, HELD, PROCESSING, STOPPED, Job, Printer
from handouts.errors import shown

_PLAIN = {
    "media-empty": "out of paper",
    "media-needed": "needs paper",
    "media-low": "low on paper",
    "media-jam": "paper jam",
    "input-tray-missing": "a paper tray is missing",
    "output-area-full": "the output tray is full",
    "output-tray-missing": "the output tray is missing",
    "toner-empty": "out of toner",
    "toner-low": "low on toner",
    "marker-supply-empty": "out of ink or toner",
    "marker-supply-low": "low on ink or toner",
    "marker-waste-full": "the waste box is full",
    "marker-waste-almost-full": "the waste box is almost full",
    "developer-empty": "out of developer",
    "door-open": "a door is open",
    "cover-open": "a cover is open",
    "interlock-open": "a door is open",
    "offline": "switched off or not connected",
    "shutdown": "switched off",
    "connecting-to-device": "CUPS is trying to reach it",
    "timed-out": "it does not answer",
    "paused": "stopped",
    "moving-to-paused": "being stopped",
    "hold-new-jobs": "new jobs are held",
    "stopped-partly": "one of its printers is stopped",
    "spool-area-full": "the disk of the print server is full",
    "cups-missing-filter": "a part of its driver is missing",
    "cups-insecure-filter": "a part of its driver is not safe to run",
    "cups-waiting-for-job-completed": "waiting for the last pages",
    "cups-remote-pending-held": "it is holding the job",
    "cups-remote-stopped": "it stopped in the middle of the job",
    "cups-remote-canceled": "the job was cancelled there",
    "cups-remote-aborted": "the job failed there",
    "fuser-over-temp": "too hot",
    "fuser-under-temp": "warming up",
    "other": "an unspecified problem",
}
"""RFC 8011 (5.4.12), PWG 5100.9, and CUPS's own."""
_HARMLESS = {
    "media-low",
    "toner-low",
    "marker-supply-low",
    "marker-waste-almost-full",
    "cups-waiting-for-job-completed",
    "cups-remote-pending",
    "cups-remote-processing",
    "cups-remote-completed",
}
_HELD = {
    "job-hold-until-specified": "a person or the printer holds it",
    "cups-held-for-authentication": "the printer asks for a password",
    "job-password-wait": "the printer asks for a password",
}
"""Why a job waits for a person. Others wait for their printer, and CUPS retries by itself."""


def describe_faults(reasons: Iterable[str]) -> str:
    """What keeps a printer from printing, in plain words separated by commas; empty when nothing does."""
    found = dict.fromkeys(_plain(stem) for stem in map(_stem, reasons) if stem not in _HARMLESS)
    return ", ".join(found)


def describe_printer(printer: Printer) -> str:
    """Everything that a printer reports, including harmless things, and its own message."""
    found = list(dict.fromkeys(_plain(_stem(reason)) for reason in printer.reasons))
    if printer.state == "stopped" and len(found) > 1 and "stopped" in found:
        found.remove("stopped")  # the state already says so
    return "; ".join(filter(None, (", ".join(found), shown(printer.message))))


def _stem(reason: str) -> str:
    """The keyword without its severity."""
    for ending in ("-error", "-warning", "-report"):
        reason = reason.removesuffix(ending)
    return reason


def _plain(stem: str) -> str:
    return _PLAIN.get(stem) or shown(stem)


def describe_hold(job: Job) -> str:
    """Why a job is held until a person releases it; empty if it is not held."""
    return next((_HELD[reason] for reason in job.reasons if reason in _HELD), "") if job.state == HELD else ""


def is_stopped(job: Job) -> bool:
    """Whether the job waits because its printer is stopped."""
    return job.state not in (PROCESSING, CANCELED, ABORTED) and (
        job.state == STOPPED or "printer-stopped" in job.reasons or "paused" in map(_stem, job.printer_reasons)
    )


def describe_job(job: Job, ahead: int) -> str:
    """The state of a job that has not ended, in a few words."""
    trouble = describe_faults(job.printer_reasons)
    if job.state == PROCESSING:
        state = "printing"
    elif ahead:
        state = "waiting, 1 job is before it" if ahead == 1 else f"waiting, {ahead} jobs are before it"
    else:
        state = "waiting; CUPS will retry" if "resources-are-not-ready" in job.reasons else "waiting"
    return f"{state}; the printer says: {trouble}" if trouble else state
