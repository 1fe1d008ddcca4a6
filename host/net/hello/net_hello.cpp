// The HTTP server with a handler that does nothing, to be measured from outside:
//   net_hello [PORT]            prints "ready http://127.0.0.1:PORT"
//   wrk -t1 -c64 -d5s http://127.0.0.1:PORT/
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "net/http_server.hpp"
#include "net/io_loop.hpp"

int main(int argc, char** argv) {
    using namespace sluice::net;
    io_loop loop;
    http_server_options options;
    options.port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0);
    options.limits.connections_per_source = std::numeric_limits<std::size_t>::max();
    http_server server(loop, options, [](http_request, responder respond) {
        respond(json_response(200, R"({"hello":"world"})"));
    });
    const auto port = server.start();
    if (!port) {
        std::fprintf(stderr, "%s\n", port.error_value().to_text().c_str());
        return 1;
    }
    loop.add_signal_handler({SIGINT, SIGTERM},
                            [&](int) { server.drain(5'000, [&](std::size_t) { loop.stop(); }); });
    std::printf("ready http://127.0.0.1:%u\n", unsigned(*port));
    std::fflush(stdout);
    loop.run();
}
