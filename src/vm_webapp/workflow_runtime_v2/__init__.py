"""Advances runs: asks the policy, executes stages with a writer, publishes their files, records what came of it.

`v2` is the API's generation. No transaction is open while a writer works or a file is written. The order of a stage is:
StageStarted is durable; the writer works; files are written, the manifest last; one commit records StageCompleted, its
artifacts, the durable copies of the files, and whatever the policy starts next.
"""

from vm_webapp.workflow_runtime_v2.runtime import WorkflowRuntimeV2

__all__ = ["WorkflowRuntimeV2"]
