"""The embedded AWS, so that what it holds outlives it.

It runs in the environment of the embedded AWS, and imports nothing of this repository. The emulator writes
S3's objects to files at once and everything else when it stops orderly; a crash would lose the rest. Here

- each item that DynamoDB changes, and each start and end of an execution, is in a journal on the disk before
  the caller has its answer;
- what ran is begun again from its start, as the same execution (POST /_safelight/resume), and what has ended
  is not: each step of a workflow can be taken twice;
- everything else is in a checkpoint: after a deployment (POST /_safelight/checkpoint), at the end, and while
  there are requests, every `PAUSE_SECONDS`, or less often where a checkpoint takes long. It appears whole or
  not at all, and holds no half-made stack, so that a deployment that was killed never happened;
- files are on the disk before they have their names.

Its S3 serves ranges of objects that are named with their versions, too, and not the whole of them.

Its CloudFront answers at `http://<label>.cloudfront.localhost:<port>`, which browsers take for this machine,
runs functions in an engine of its own, and sees the tags of what it serves, so that a bucket's policy can
hold objects back by them. Its IAM learns the keys that a request to DynamoDB names, so that a role's
conditions on them hold here, too, and its patterns match keys with line breaks.

The histories of its executions say what each task was given.

Its Lambda answers 85 ms sooner: it waits less for what a function logs, and sends what belongs together at
once. It collects what a table's stream says for as long as the function's batching window is, beside the
queues, whose messages would wait; what a stream still had to say when the emulator stopped, it says again.

Who reaches the port is no administrator for that: signatures of the root's keys are checked as all others
are, and of the emulator's own endpoints, which could wipe it, only its health answers.
"""
