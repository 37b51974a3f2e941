"""Profiles: mode -> stages, as data; the shipped ones beside this file, a user's own in the workspace.

A profile is one YAML file whose name is its mode. It is checked when it is read, so that what a run snapshots (a
`RunPlan`) can be executed: every need exists, nothing needs itself, every kind has an output type. docs/profiles.md
says how to write one.
"""

from vm_webapp.profiles.library import DEFAULT_MODE, Profile, ProfileLibrary

__all__ = ["DEFAULT_MODE", "Profile", "ProfileLibrary"]
