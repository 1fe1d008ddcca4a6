// A connector on the C++ SDK, as an author writes one.
#include <sluice/connector.hpp>

namespace {

class friendly {
  public:
    explicit friendly(sluice::host&) {}

    sluice::task<sluice::json> greet(sluice::context&, const sluice::json& input) {
        sluice::json reply;
        reply.set("greeting", "hello " + input["name"].as_string());
        co_return reply;
    }
    sluice::json add(sluice::context&, const sluice::json& input) {
        sluice::json reply;
        reply.set("sum", input["a"].as_int64() + input["b"].as_int64());
        return reply;
    }
};

}  // namespace

SLUICE_CONNECTOR(friendly, "friendly", sluice::action("greet", &friendly::greet),
                 sluice::action("add", &friendly::add))
