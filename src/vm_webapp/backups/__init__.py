"""Backups of a workspace, made while it works, and what is possible where there is none.

    inventory   the list of a backup's files with their digests, and its form on the disk
    contents    what of a workspace belongs into a backup
    shelf       where a backup is written to: a folder, or one .tar
    backup      makes one
    copied      whether the database in it is what was copied
    check       whether one holds
    restore     makes a workspace of one
    evidence    what run folders prove
    recover     makes a log of that where the database is lost

docs/backup.md is the contract. Nothing here is ever half done under its final name.
"""

from vm_webapp.backups.backup import Backup, make_backup
from vm_webapp.backups.check import Checked, Extent, check_backup
from vm_webapp.backups.recover import Recovery, recover
from vm_webapp.backups.restore import restore_backup

__all__ = ["Backup", "Checked", "Extent", "Recovery", "check_backup", "make_backup", "recover", "restore_backup"]
