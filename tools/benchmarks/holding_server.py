"""An HTTP server that holds each request for some seconds.

    holding_server.py SECONDS

Prints its port, then answers GET /count at once with {"now": .., "most": ..} and everything else
late. Ends with its standard input.
"""
import asyncio
import sys

held = {"now": 0, "most": 0}
HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}"


async def serve(reader, writer, seconds):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            body = "{}"
            if head.startswith(b"GET /count"):
                body = '{"now": %d, "most": %d}' % (held["now"], held["most"])
            else:
                held["now"] += 1
                held["most"] = max(held["most"], held["now"])
                await asyncio.sleep(seconds)
                held["now"] -= 1
            writer.write(HEAD.format(len(body), body).encode())
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    seconds = float(sys.argv[1])
    server = await asyncio.start_server(lambda r, w: serve(r, w, seconds), "127.0.0.1", 0,
                                        backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
