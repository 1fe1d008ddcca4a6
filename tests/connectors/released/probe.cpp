// Built once with the SDK of ABI 1.0 and kept: every later host must load the binary and run all of
// its actions (host/plugin/released_connector_test.cpp). So this file does not change any more; a
// later ABI gets a probe of its own beside it.
#include <sluice/connector.hpp>

namespace {

using sluice::json;
using std::chrono::milliseconds;

struct login {
    int uses = 0;
};

class probe {
  public:
    explicit probe(sluice::host& owner) { owner.log(sluice::log_level::info, "opened"); }

    sluice::task<json> describe(sluice::context& ctx, const json& input) {
        ctx.log(sluice::log_level::warning, "described", {{"input", input}});
        co_return json{{"key", ctx.idempotency_key()},
                       {"attempt", ctx.attempt()},
                       {"token", ctx.connection_string("token")},
                       {"deadline", ctx.deadline_unix_ms().value_or(0)}};
    }

    sluice::task<json> http(sluice::context& ctx, const json& input) {
        sluice::http_request request("POST", sluice::required_string(input, "url"));
        request.bearer("secret").json_body({{"hello", "world"}}).timeout_ms(5'000);
        const sluice::http_response response = co_await ctx.http(std::move(request));
        co_return json{{"status", response.status},
                       {"body", response.body},
                       {"type", response.header("Content-Type")}};
    }

    // Copies a file, and sends the copy away.
    sluice::task<json> blob(sluice::context& ctx, const json& input) {
        const sluice::blob copy = ctx.create_blob("text/plain");
        co_await copy.write(sluice::required_string(input, "text"));
        copy.seal();
        const sluice::blob found = ctx.find_blob(copy.reference());
        const std::string back = co_await found.read(0, 1'000);
        sluice::http_request request("PUT", sluice::required_string(input, "url"));
        request.blob_body(copy, "text/plain").body_to_blob();
        const sluice::http_response response = co_await ctx.http(std::move(request));
        co_return json{
            {"back", back}, {"copy", copy.reference()}, {"answer", response.body_blob.reference()}};
    }

    json blob_blocking(sluice::context& ctx, const json& input) {
        const sluice::blob copy = ctx.create_blob("text/plain");
        copy.write_wait(sluice::required_string(input, "text"));
        copy.seal();
        return {{"back", copy.read_wait(0, 1'000)}, {"size", copy.size()}};
    }

    sluice::task<json> state(sluice::context& ctx, const json&) {
        const sluice::state_store state = ctx.state();
        const json first{{"page", 1}};
        const json next{{"page", 2}};
        co_await state.set("cursor", first);
        const auto before = co_await state.get("cursor");
        const std::uint64_t version = before ? before->version : 0;
        const bool won = co_await state.compare_and_set("cursor", version, next);
        const bool lost = !co_await state.compare_and_set("cursor", version, first);
        const auto after = co_await state.get("cursor");
        const json page = after ? after->value["page"] : json();
        co_await state.remove("cursor");
        const bool gone = !co_await state.get("cursor");
        co_return json{{"won", won}, {"lost", lost}, {"page", page}, {"gone", gone}};
    }

    sluice::task<json> work(sluice::context& ctx, const json&) {
        int sum = 0;
        const auto add = [&sum] {
            for (int i = 1; i <= 100; ++i)
                sum += i;
        };
        co_await ctx.off_loop(add);
        co_return json{{"sum", sum}};
    }

    sluice::task<json> timer(sluice::context& ctx, const json& input) {
        bool cancelled = false;
        try {
            co_await ctx.sleep(milliseconds(input.get_or("ms", 0)));
        } catch (const sluice::failure& why) {
            cancelled = why.code() == SLUICE_CANCELLED;
        }
        co_return json{{"cancelled", cancelled}, {"asked", ctx.cancelled()}};
    }

    json session(sluice::context& ctx, const json&) {
        auto session = ctx.take_session<login>("login");
        if (session == nullptr) session = std::make_unique<login>();
        const int uses = ++session->uses;
        ctx.keep_session("login", std::move(session), milliseconds(60'000));
        return {{"uses", uses}};
    }

    sluice::task<json> clock(sluice::context& ctx, const json&) {
        co_return json{{"unixMs", ctx.now().time_since_epoch().count()}};
    }

    sluice::task<json> fail(sluice::context&, const json&) {
        throw sluice::failure(SLUICE_RATE_LIMITED, "slow down")
            .retry_after_ms(1'500)
            .http_status(429)
            .details({{"limit", 10}});
    }
};

}  // namespace

SLUICE_CONNECTOR(probe, "released-probe", sluice::action("describe", &probe::describe),
                 sluice::action("http", &probe::http), sluice::action("blob", &probe::blob),
                 sluice::action("blobBlocking", &probe::blob_blocking),
                 sluice::action("state", &probe::state), sluice::action("work", &probe::work),
                 sluice::action("timer", &probe::timer), sluice::action("session", &probe::session),
                 sluice::action("clock", &probe::clock), sluice::action("fail", &probe::fail))
