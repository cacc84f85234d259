"""moto on a free port of 127.0.0.1: prints the port, serves until its standard input ends, so it never outlives the test that started it."""

import io
import logging
import os
import sys
import threading

os.environ.setdefault("MOTO_ACCOUNT_ID", "111111111111")
# S3 lists 1,000 keys at once. With fewer, a test of several pages need not write thousands of objects.
os.environ.setdefault("MOTO_S3_DEFAULT_MAX_KEYS", "50")

import moto.sqs.models as sqs  # noqa: E402
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402


class QueueClock:
    """SQS's time, where a test wants it to stand still until it is moved: POST /serac/queue-clock with milliseconds."""

    path = "/serac/queue-clock"

    def __init__(self):
        self.now_ms = sqs.unix_time_millis()
        sqs.unix_time_millis = self.tick

    def tick(self):
        """moto shows a message only after the moment at which it becomes visible, so no two moments are the same."""
        self.now_ms += 0.001
        return self.now_ms


class OneAtATime:
    """AWS checks a condition and writes in one step; moto's threads may come between the two, so each request has moto to itself.
    A body is read before that: a client that stalls must not hold up the others."""

    def __init__(self, app):
        self.app = app
        self.queue_clock = QueueClock() if "--manual-queue-clock" in sys.argv else None
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        stream = environ["wsgi.input"]
        is_chunked = environ.get("wsgi.input_terminated", False)
        body = stream.read() if is_chunked else stream.read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        if self.queue_clock is not None and environ["PATH_INFO"] == QueueClock.path:
            self.queue_clock.now_ms += int(body)
            start_response("204 No Content", [])
            return []
        if waits(environ, body):
            return self.app(environ, start_response)
        with self.lock:
            answer = self.app(environ, start_response)
            try:
                return [b"".join(answer)]
            finally:
                if hasattr(answer, "close"):
                    answer.close()


def waits(environ, body):
    is_receive = environ.get("HTTP_X_AMZ_TARGET") == "AmazonSQS.ReceiveMessage"
    return is_receive and b'"WaitTimeSeconds"' in body and b'"WaitTimeSeconds":0' not in body


def main():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = OneAtATime(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=MotoRequestHandler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.port, flush=True)
    sys.stdin.read()
    os._exit(0)


main()
