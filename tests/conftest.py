"""What all tests share: the --campaign flag, a fresh workspace, a running host, and a writer of fixed text."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings as property_settings

from vm_webapp.host import Host, open_host
from vm_webapp.settings import Settings

from chat_server import ChatServer, serving
from fixed_writer import FixedWriter

property_settings.register_profile("vm", deadline=None)  # how long something takes is what bench/ is about
property_settings.load_profile("vm")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Long campaigns stand behind a flag."""
    parser.addoption("--campaign", action="store_true", help="run the long campaigns too (minutes to hours)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave campaigns out unless they are asked for."""
    if config.getoption("--campaign"):
        return
    skip = pytest.mark.skip(reason="a long campaign; run it with --campaign")
    for item in items:
        if item.get_closest_marker("campaign"):
            item.add_marker(skip)


def pytest_collection_finish() -> None:
    """What is loaded by now is no garbage: Python need not look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an empty workspace."""
    return Settings(vm_workspace_root=tmp_path / "vm", vm_db_path=tmp_path / "vm" / "workspace.sqlite3")


@pytest.fixture
def writer() -> FixedWriter:
    """A writer of fixed text that tests can make fail, wait or be slow."""
    return FixedWriter()


@pytest.fixture
def host(settings: Settings, writer: FixedWriter) -> Iterator[Host]:
    """A running host on an empty workspace."""
    opened = open_host(settings, llm=writer)
    yield opened
    opened.close()


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    """A local server that speaks OpenAI's chat protocol, as a test says."""
    with serving() as server:
        yield server
