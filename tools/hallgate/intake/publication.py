"""When an approval was published: by the log where the repository has one, else by its merge.

Fails closed: a log that trust/log.yaml names and that is missing, damaged, cut or at odds
with a checkpoint kept in Git is an error, never a reason to fall back to the merge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hallgate.intake.log_trust import log_folder, read_log_trust
from hallgate.intake.repository import Repository
from hallgate.intake.schema import Schemas
from hallgate.model.errors import Location, NotProven
from hallgate.model.log import LogTrust
from hallgate.record.log.anchors import Anchor, read_anchors
from hallgate.record.log.entry import read_entry
from hallgate.record.log.folder import Log, open_log
from hallgate.record.log.note import open_checkpoint
from hallgate.record.log.tree import Tree


def logged_times(repository: Repository, schemas: Schemas) -> Mapping[str, int] | None:
    """By digest of a record when the log first published it (seconds); None without a log.

    Raises NotProven,
    InvalidDocument, UsageError or StorageError where there is a log and it does not hold.
    """
    trust = read_log_trust(repository.log_file, schemas)
    if trust is None:
        return None
    log = open_log(log_folder(repository, trust), trust.origin, trust.keys)
    return first_published(log, trust, read_anchors(repository.checkpoints))


def first_published(log: Log, trust: LogTrust, anchors: Sequence[Anchor]) -> Mapping[str, int]:
    """When each record was first published, every entry held against the signed root."""
    heads = {log.checkpoint.size: [(log.where, log.checkpoint.root)]}
    for anchor in anchors:
        where = Location(anchor.file)
        kept, _ = open_checkpoint(anchor.note, trust.origin, trust.keys, where)
        heads.setdefault(kept.size, []).append((where, kept.root))
    if max(heads) > log.checkpoint.size:
        raise _broken(f"the log had {max(heads)} entries and was cut", heads[max(heads)][0][0])
    tree, last = Tree(), 0
    found: dict[str, int] = {}
    _agree(tree, heads)
    for index, data in log.tiles.all_entries():
        tree.append(data)
        entry = read_entry(data, Location(f"{log.folder}#{index}"))
        if entry.at < last:
            raise _broken(f"the time of entry {index} goes back", log.where)
        last = entry.at
        found.setdefault(entry.record, entry.at)
        _agree(tree, heads)
    if log.checkpoint.size and not any(key.counts_at(last) for key in log.signed_by):
        raise _broken("the log is signed with a key that does not count any more", log.where)
    return found


def _agree(tree: Tree, heads: Mapping[int, Sequence[tuple[Location, bytes]]]) -> None:
    for where, root in heads.get(tree.size, ()):
        if tree.root() != root:
            raise _broken(f"the first {tree.size} entries of the log are not those signed", where)


def _broken(what: str, where: Location) -> NotProven:
    return NotProven(
        f"the log cannot say when approvals were published: {what}",
        remedy="run `hallgate log verify`, and restore the log from a copy",
        where=where,
    )
