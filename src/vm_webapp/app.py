"""The app: the host of a workspace behind the HTTP API and the page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware

from vm_webapp import __version__
from vm_webapp.api.admission import Admission
from vm_webapp.api.guard import Guard
from vm_webapp.api.identity import Identity
from vm_webapp.api.middleware import BodyLimit, Compression, RequestLog, SafeHeaders
from vm_webapp.api.routes import HANDLERS, OPENAPI_URL, add_routes
from vm_webapp.api.waiting import Watch
from vm_webapp.host import open_host
from vm_webapp.settings import Settings
from vm_webapp.writers import Writer

__all__ = ["create_app"]


def create_app(settings: Settings | None = None, *, llm: Writer | None = None) -> FastAPI:
    """The app of the settings' workspace, or of the environment's; `llm` is the writer, None for the offline one.

    The host runs as soon as this returns, whether or not the app's lifespan is entered; the end of the lifespan closes
    it. Several apps may live in one process, on one workspace too. Raises what `open_host` raises.
    """
    settings = settings or Settings()
    app = FastAPI(
        title="VM",
        version=__version__,
        openapi_url=OPENAPI_URL,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
        exception_handlers=dict(HANDLERS),
        middleware=[
            Middleware(SafeHeaders),
            Middleware(RequestLog),
            Middleware(Guard, allowed_hosts=settings.vm_allowed_hosts, local_only=settings.vm_auth == "off"),
            Middleware(Identity),
            Middleware(BodyLimit),
            Middleware(Compression),
        ],
    )
    add_routes(app)
    app.state.settings = settings
    app.state.admission = Admission(settings)
    app.state.llm = llm
    _connect(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Close the host at the end; an app that is started again gets a new one."""
    if app.state.watch.closing:
        await run_in_threadpool(_connect, app)
    yield
    app.state.watch.close()
    await run_in_threadpool(app.state.host.close)


def _connect(app: FastAPI) -> None:
    host = open_host(app.state.settings, llm=app.state.llm)
    app.state.host = host
    app.state.engine = host.engine
    app.state.workspace = host.workspace
    app.state.watch = Watch(host.database)
