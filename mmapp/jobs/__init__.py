"""Work that outlives a request: the queue, the worker that takes from it, and one file a kind of job."""
