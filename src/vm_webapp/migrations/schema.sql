CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0004');
CREATE TABLE brands_view (
	brand_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	description TEXT NOT NULL, 
	voice TEXT NOT NULL, 
	audience TEXT NOT NULL, 
	created_at VARCHAR(32), 
	updated_at VARCHAR(32), 
	version INTEGER NOT NULL, 
	created_position INTEGER NOT NULL, do_json TEXT DEFAULT '[]' NOT NULL, dont_json TEXT DEFAULT '[]' NOT NULL, budget_usd TEXT, 
	PRIMARY KEY (brand_id)
);
CREATE TABLE checkpoints (
	name TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE comments_view (
	comment_id TEXT NOT NULL, 
	thread_id TEXT NOT NULL, 
	run_id TEXT, 
	stage_key TEXT, 
	text TEXT NOT NULL, 
	actor_id TEXT NOT NULL, 
	created_at VARCHAR(32) NOT NULL, 
	created_position INTEGER NOT NULL, erased_at VARCHAR(32), 
	PRIMARY KEY (comment_id)
);
CREATE TABLE dead_letters (
	event_id TEXT NOT NULL, 
	global_position INTEGER NOT NULL, 
	reader TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	recorded_at VARCHAR(32) NOT NULL, 
	PRIMARY KEY (event_id)
);
CREATE TABLE event_keys (
	event_id TEXT NOT NULL, 
	"key" BLOB NOT NULL, 
	PRIMARY KEY (event_id), 
	CONSTRAINT ck_event_keys_key CHECK (length(key) IN (0, 32))
)
 WITHOUT ROWID

;
CREATE TABLE events (
	global_position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	event_id TEXT NOT NULL, 
	event_type TEXT NOT NULL, 
	payload_version INTEGER NOT NULL, 
	aggregate_type TEXT NOT NULL, 
	aggregate_id TEXT NOT NULL, 
	stream_id TEXT NOT NULL, 
	stream_version INTEGER NOT NULL, 
	actor_type TEXT NOT NULL, 
	actor_id TEXT NOT NULL, 
	brand_id TEXT, 
	project_id TEXT, 
	thread_id TEXT, 
	run_id TEXT, 
	correlation_id TEXT, 
	causation_id TEXT, 
	occurred_at VARCHAR(32) NOT NULL, 
	payload TEXT NOT NULL, sha256 TEXT, previous_sha256 TEXT, 
	CONSTRAINT ck_events_actor_type CHECK (actor_type IN ('human', 'agent', 'system')), 
	CONSTRAINT ck_events_stream_version CHECK (stream_version > 0), 
	CONSTRAINT uq_events_event_id UNIQUE (event_id), 
	CONSTRAINT uq_events_stream UNIQUE (stream_id, stream_version)
);
CREATE TABLE inbox_view (
	item_id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	status TEXT NOT NULL, 
	brand_id TEXT, 
	project_id TEXT, 
	thread_id TEXT, 
	run_id TEXT, 
	stage_key TEXT, 
	title TEXT NOT NULL, 
	opened_at VARCHAR(32) NOT NULL, 
	expires_at TEXT, 
	opened_position INTEGER NOT NULL, 
	PRIMARY KEY (item_id), 
	CONSTRAINT ck_inbox_kind CHECK (kind IN ('approval', 'task')), 
	CONSTRAINT ck_inbox_status CHECK (status IN ('open', 'done'))
);
CREATE TABLE pending_files (
	pending_id INTEGER NOT NULL, 
	run_id TEXT NOT NULL, 
	paths_json TEXT NOT NULL, 
	content BLOB NOT NULL, 
	PRIMARY KEY (pending_id)
);
CREATE TABLE projects_view (
	project_id TEXT NOT NULL, 
	brand_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	objective TEXT NOT NULL, 
	channels_json TEXT NOT NULL, 
	due_on TEXT, 
	created_at VARCHAR(32), 
	updated_at VARCHAR(32), 
	version INTEGER NOT NULL, 
	created_position INTEGER NOT NULL, kpis_json TEXT DEFAULT '[]' NOT NULL, budget_usd TEXT, 
	PRIMARY KEY (project_id)
);
CREATE TABLE receipts (
	actor_id TEXT NOT NULL, 
	route TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	fingerprint TEXT NOT NULL, 
	subject_id TEXT, 
	status INTEGER, 
	body BLOB, 
	created_at VARCHAR(32) NOT NULL, 
	PRIMARY KEY (actor_id, route, "key")
);
CREATE TABLE rules_view (
	rule_id TEXT NOT NULL, 
	brand_id TEXT NOT NULL, 
	text TEXT NOT NULL, 
	check_json TEXT, 
	from_rejection_json TEXT, 
	sha256 TEXT NOT NULL, 
	status TEXT NOT NULL, 
	created_by TEXT NOT NULL, 
	created_at VARCHAR(32) NOT NULL, 
	retired_by TEXT, 
	retired_at VARCHAR(32), 
	created_position INTEGER NOT NULL, 
	PRIMARY KEY (rule_id), 
	CONSTRAINT ck_rules_status CHECK (status IN ('active', 'retired'))
);
CREATE TABLE "runs_view" (
	run_id TEXT NOT NULL, 
	thread_id TEXT NOT NULL, 
	brand_id TEXT NOT NULL, 
	project_id TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	status TEXT NOT NULL, 
	requested_mode TEXT NOT NULL, 
	mode TEXT NOT NULL, 
	request_text TEXT NOT NULL, 
	requested_by TEXT NOT NULL, 
	created_at VARCHAR(32) NOT NULL, 
	started_at VARCHAR(32), 
	settled_at VARCHAR(32), 
	cancel_requested INTEGER NOT NULL, 
	stages_total INTEGER NOT NULL, 
	stages_done INTEGER NOT NULL, 
	error_json TEXT, 
	forked_from_json TEXT, 
	profile_json TEXT NOT NULL, 
	stages_json TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	requested_position INTEGER NOT NULL, 
	forked_from_run_id TEXT, 
	changes_json TEXT DEFAULT '{}' NOT NULL, 
	feedback_json TEXT DEFAULT '{}' NOT NULL, 
	edited_json TEXT DEFAULT '[]' NOT NULL, 
	writer TEXT DEFAULT '' NOT NULL, 
	budget_usd TEXT, 
	usage_json TEXT, imported_json TEXT, erased_json TEXT, 
	PRIMARY KEY (run_id), 
	CONSTRAINT ck_runs_status CHECK (status IN ('queued', 'running', 'waiting_approval', 'completed', 'failed', 'canceled')), 
	CONSTRAINT uq_runs_number UNIQUE (thread_id, number)
);
CREATE TABLE sessions (
	sha256 TEXT NOT NULL, 
	token_id TEXT NOT NULL, 
	created_at VARCHAR(32) NOT NULL, 
	expires_at VARCHAR(32) NOT NULL, 
	PRIMARY KEY (sha256)
);
CREATE TABLE signed_checkpoints (
	number INTEGER NOT NULL, 
	size INTEGER NOT NULL, 
	note TEXT NOT NULL, 
	signed_at VARCHAR(32) NOT NULL, 
	sha256 TEXT NOT NULL, 
	PRIMARY KEY (number), 
	CONSTRAINT ck_signed_checkpoints_number CHECK (number > 0), 
	CONSTRAINT ck_signed_checkpoints_size CHECK (size > 0), 
	CONSTRAINT uq_signed_checkpoints_size UNIQUE (size)
);
CREATE TABLE spending_view (
	scope_id TEXT NOT NULL, 
	calls INTEGER NOT NULL, 
	input_tokens INTEGER NOT NULL, 
	output_tokens INTEGER NOT NULL, 
	cost_nano INTEGER NOT NULL, 
	reserved_nano INTEGER NOT NULL, 
	unpriced INTEGER NOT NULL, 
	PRIMARY KEY (scope_id)
);
CREATE TABLE tasks_view (
	task_id TEXT NOT NULL, 
	thread_id TEXT NOT NULL, 
	run_id TEXT, 
	title TEXT NOT NULL, 
	status TEXT NOT NULL, 
	created_at VARCHAR(32) NOT NULL, 
	completed_at VARCHAR(32), 
	created_position INTEGER NOT NULL, 
	PRIMARY KEY (task_id), 
	CONSTRAINT ck_tasks_status CHECK (status IN ('open', 'completed'))
);
CREATE TABLE thread_runs_view (
	thread_id TEXT NOT NULL, 
	runs INTEGER NOT NULL, 
	PRIMARY KEY (thread_id)
);
CREATE TABLE threads_view (
	thread_id TEXT NOT NULL, 
	brand_id TEXT NOT NULL, 
	project_id TEXT NOT NULL, 
	title TEXT NOT NULL, 
	status TEXT NOT NULL, 
	modes_json TEXT NOT NULL, 
	created_at VARCHAR(32), 
	updated_at VARCHAR(32), 
	version INTEGER NOT NULL, 
	created_position INTEGER NOT NULL, best_json TEXT, 
	PRIMARY KEY (thread_id), 
	CONSTRAINT ck_threads_status CHECK (status IN ('open', 'closed'))
);
CREATE TABLE tokens_view (
	token_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	role TEXT NOT NULL, 
	brand_id TEXT, 
	sha256 TEXT NOT NULL, 
	created_by TEXT NOT NULL, 
	created_at VARCHAR(32) NOT NULL, 
	expires_at VARCHAR(32), 
	revoked_at VARCHAR(32), 
	version INTEGER NOT NULL, 
	created_position INTEGER NOT NULL, 
	PRIMARY KEY (token_id), 
	CONSTRAINT ck_tokens_role CHECK (role IN ('viewer', 'editor', 'approver', 'admin'))
);
CREATE TABLE tree_nodes (
	level INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	sha256 BLOB NOT NULL, 
	PRIMARY KEY (level, position), 
	CONSTRAINT ck_tree_nodes_sha256 CHECK (length(sha256) = 32)
)
 WITHOUT ROWID

;
CREATE TABLE webhook_attempts (
	attempt_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	webhook_id TEXT NOT NULL, 
	message_id TEXT NOT NULL, 
	global_position INTEGER, 
	event_type TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	started_at VARCHAR(32) NOT NULL, 
	duration_ms INTEGER NOT NULL, 
	outcome TEXT NOT NULL, 
	status_code INTEGER, 
	detail TEXT NOT NULL, 
	next_at VARCHAR(32), 
	CONSTRAINT ck_webhook_attempts_outcome CHECK (outcome IN ('delivered', 'refused', 'unreachable'))
);
CREATE TABLE webhook_messages (
	webhook_id TEXT NOT NULL, 
	global_position INTEGER NOT NULL, 
	lane TEXT NOT NULL, 
	status TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	due_at VARCHAR(32) NOT NULL, 
	queued_at VARCHAR(32) NOT NULL, 
	PRIMARY KEY (webhook_id, global_position), 
	CONSTRAINT ck_webhook_messages_status CHECK (status IN ('pending', 'delivered', 'failed'))
);
CREATE TABLE webhooks_view (
	webhook_id TEXT NOT NULL, 
	brand_id TEXT, 
	url TEXT NOT NULL, 
	event_types_json TEXT NOT NULL, 
	description TEXT NOT NULL, 
	status TEXT NOT NULL, 
	reason TEXT, 
	created_by TEXT NOT NULL, 
	created_at VARCHAR(32) NOT NULL, 
	updated_at VARCHAR(32) NOT NULL, 
	version INTEGER NOT NULL, 
	created_position INTEGER NOT NULL, 
	PRIMARY KEY (webhook_id), 
	CONSTRAINT ck_webhooks_status CHECK (status IN ('active', 'off', 'disabled', 'deleted'))
);
CREATE INDEX ix_brands_order ON brands_view (created_position);
CREATE INDEX ix_comments_thread ON comments_view (thread_id, created_position);
CREATE INDEX ix_events_thread ON events (thread_id, global_position);
CREATE INDEX ix_projects_brand ON projects_view (brand_id, created_position);
CREATE INDEX ix_projects_order ON projects_view (created_position);
CREATE INDEX ix_tasks_thread ON tasks_view (thread_id, created_position);
CREATE INDEX ix_threads_order ON threads_view (created_position);
CREATE INDEX ix_threads_project ON threads_view (project_id, created_position);
CREATE TRIGGER events_no_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER events_no_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE INDEX ix_tokens_brand ON tokens_view (brand_id, created_position);
CREATE INDEX ix_tokens_order ON tokens_view (created_position);
CREATE UNIQUE INDEX one_token_of_a_secret ON tokens_view (sha256);
CREATE INDEX ix_sessions_token ON sessions (token_id, created_at);
CREATE INDEX ix_threads_brand ON threads_view (brand_id, created_position);
CREATE INDEX ix_events_brand ON events (brand_id, global_position);
CREATE INDEX ix_rules_brand ON rules_view (brand_id, created_position);
CREATE INDEX ix_runs_open ON runs_view (thread_id, requested_position) WHERE status IN ('queued', 'running', 'waiting_approval');
CREATE INDEX ix_runs_brand ON runs_view (brand_id, requested_position);
CREATE INDEX ix_runs_brand_status ON runs_view (brand_id, status, requested_position);
CREATE INDEX ix_runs_thread ON runs_view (thread_id, requested_position);
CREATE INDEX ix_runs_requested ON runs_view (requested_position);
CREATE UNIQUE INDEX one_active_run ON runs_view (thread_id) WHERE status = 'running';
CREATE INDEX ix_runs_status ON runs_view (status, requested_position);
CREATE INDEX ix_runs_forks ON runs_view (forked_from_run_id) WHERE forked_from_run_id IS NOT NULL;
CREATE INDEX ix_inbox_open ON inbox_view (opened_position) WHERE status = 'open';
CREATE INDEX ix_inbox_brand ON inbox_view (brand_id, opened_position) WHERE status = 'open';
CREATE INDEX ix_webhooks_order ON webhooks_view (created_position);
CREATE INDEX ix_webhooks_brand ON webhooks_view (brand_id, created_position);
CREATE INDEX ix_webhook_messages_due ON webhook_messages (webhook_id, due_at) WHERE status = 'pending';
CREATE INDEX ix_webhook_messages_lane ON webhook_messages (webhook_id, lane, global_position) WHERE status = 'pending';
CREATE INDEX ix_webhook_attempts ON webhook_attempts (webhook_id, attempt_id);
CREATE TRIGGER signed_checkpoints_no_update BEFORE UPDATE ON signed_checkpoints BEGIN SELECT RAISE(ABORT, 'what was signed stays'); END;
CREATE TRIGGER signed_checkpoints_no_delete BEFORE DELETE ON signed_checkpoints BEGIN SELECT RAISE(ABORT, 'what was signed stays'); END;
CREATE INDEX ix_events_erasures ON events (global_position) WHERE event_type = 'ContentErased';
