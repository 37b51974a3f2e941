"""Comments in a thread, on a run or a stage of it where named."""

from functools import partial

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import ConfigDict
from sqlalchemy import Connection

from vm_webapp import repo
from vm_webapp.api import problems, writes
from vm_webapp.api.fields import SomeRun, SomeStage, Text, ThreadId
from vm_webapp.api.http import HostOf, check_subject, check_thread
from vm_webapp.api.paging import PageOf
from vm_webapp.api.shapes import CommentShape, CommentsShape
from vm_webapp.api.writes import Body, WriteOf
from vm_webapp.commands import new_id
from vm_webapp.domain.thread_messages import AddComment
from vm_webapp.records import Record, comment_record

router = APIRouter(prefix="/api/v2/threads/{thread_id}/comments", tags=["conversation"])


class NewComment(Body):
    """A comment to add."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "Shorter, please."}]})

    text: Text
    run_id: SomeRun = None
    stage_key: SomeStage = None


@router.post(
    "",
    operation_id="addComment",
    summary="Say something in a thread",
    response_model=CommentShape,
    responses=writes.responses(404),
)
def add_comment(thread_id: ThreadId, body: NewComment, write: WriteOf) -> Response:
    """Answers with the comment."""
    check_subject(write.host, thread_id, run_id=body.run_id, stage_key=body.stage_key)
    comment_id = new_id("cmt")
    command = AddComment(
        comment_id=comment_id,
        thread_id=thread_id,
        text=body.text,
        run_id=body.run_id,
        stage_key=body.stage_key,
    )
    return write.perform(command, partial(_read, comment_id=comment_id))


@router.get(
    "",
    operation_id="listComments",
    summary="List a thread's comments, newest first",
    response_model=CommentsShape,
    responses=problems.responses(404, 422),
)
def list_comments(thread_id: ThreadId, host: HostOf, page: PageOf) -> Response:
    """Answers with a page of comments."""
    with host.database.read() as connection:
        check_thread(connection, thread_id)
        rows = repo.list_comments(connection, thread_id, **page.bounds)
    return page.show("comments", rows, comment_record)


def _read(connection: Connection, comment_id: str) -> Record:
    return comment_record(repo.get_comment(connection, comment_id))
