// Exercises everything of the SDK, for the tests beside it.
#include <sluice/connector.hpp>

namespace {

using std::chrono::milliseconds;

// Something that is slow to open.
struct login {
    explicit login(std::string who) : name(std::move(who)) {}
    std::string name;
    int uses = 0;
};

class sample {
  public:
    explicit sample(sluice::host& owner) { owner.log(sluice::log_level::info, "opened"); }

    sluice::task<sluice::json> echo(sluice::context&, const sluice::json& input) {
        co_return input;
    }

    // What the call knows about itself.
    sluice::task<sluice::json> describe(sluice::context& ctx, const sluice::json&) {
        sluice::json out{{"key", ctx.idempotency_key()},
                         {"attempt", ctx.attempt()},
                         {"token", ctx.connection_string("token")}};
        if (const auto deadline = ctx.deadline_unix_ms()) out.set("deadline", *deadline);
        ctx.log(sluice::log_level::warning, "described", {{"count", out.size()}});
        co_return out;
    }

    sluice::task<sluice::json> fetch(sluice::context& ctx, const sluice::json& input) {
        sluice::http_request request("GET", sluice::required_string(input, "url"));
        request.bearer("secret").timeout_ms(1000);
        const sluice::http_response response = co_await ctx.http(std::move(request));
        sluice::require_ok(response, "The service");
        co_return response.json();
    }

    // Requests one page after the other through a task of its own.
    sluice::task<sluice::json> pages(sluice::context& ctx, const sluice::json&) {
        sluice::json all = sluice::json::array();
        for (int number = 1;; ++number) {
            const sluice::json page = co_await one_page(ctx, number);
            for (const sluice::json& item : page["items"].items())
                all.push(item);
            if (!page.get_or("more", false)) break;
            co_await ctx.sleep(milliseconds(100));
        }
        co_return all;
    }

    sluice::task<sluice::json> count(sluice::context& ctx, const sluice::json&) {
        const sluice::state_store state = ctx.state();
        const auto before = co_await state.get("count");
        const std::int64_t value = before ? before->value.as_int64() : 0;
        const std::uint64_t version = before ? before->version : 0;
        const bool won = co_await state.compare_and_set("count", version, value + 1);
        const bool lost = !co_await state.compare_and_set("count", version, value + 2);
        co_await state.set("last", "x");
        co_await state.remove("last");
        const bool gone = !co_await state.get("last");
        co_return sluice::json{{"won", won}, {"lost", lost}, {"gone", gone}};
    }

    // Copies a file, in capitals, in pieces of 4 bytes.
    sluice::task<sluice::json> shout(sluice::context& ctx, const sluice::json& input) {
        const sluice::blob from = ctx.find_blob(input["file"]);
        const sluice::blob to = ctx.create_blob(from.content_type());
        for (std::uint64_t at = 0;;) {
            std::string piece = co_await from.read(at, 4);
            if (piece.empty()) break;
            at += piece.size();
            for (char& c : piece)
                c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
            co_await to.write(std::move(piece));
        }
        to.seal();
        co_return sluice::json{{"file", to.reference()}};
    }

    sluice::task<sluice::json> download(sluice::context& ctx, const sluice::json& input) {
        sluice::http_request request("GET", sluice::required_string(input, "url"));
        request.body_to_blob().follow_redirects();
        const sluice::http_response response = co_await ctx.http(std::move(request));
        sluice::http_request upload("PUT", "https://example.test/copy");
        upload.blob_body(response.body_blob, "text/plain");
        co_await ctx.http(std::move(upload));
        co_return response.body_blob.reference();
    }

    sluice::task<sluice::json> heavy(sluice::context& ctx, const sluice::json& input) {
        const std::string text = input.get_or("text", "");
        const auto work = [text] {
            if (text == "throw") throw sluice::failure(SLUICE_CONFLICT, "thrown on the pool");
            return text + text;
        };
        std::string doubled = co_await ctx.off_loop(work);
        bool ran = false;
        const auto mark = [&ran] { ran = true; };
        co_await ctx.off_loop(mark);
        co_return sluice::json{{"text", std::move(doubled)}, {"ran", ran}};
    }

    sluice::task<sluice::json> refuse(sluice::context&, const sluice::json& input) {
        const std::string how = input.get_or("how", "failure");
        if (how == "standard") throw std::runtime_error("a bug");
        if (how == "unknown") throw 7;
        if (how == "not utf-8") co_return sluice::json("\xff");
        throw sluice::failure(SLUICE_RATE_LIMITED, "slow down")
            .retry_after_ms(1500)
            .http_status(429)
            .details({{"limit", 10}});
    }

    // Cannot start: the coroutine's frame is never made.
    sluice::task<sluice::json> refuse_early(sluice::context&, const sluice::json&) {
        throw sluice::failure(SLUICE_UNSUPPORTED, "not even a coroutine");
    }

    sluice::task<sluice::json> stubborn(sluice::context& ctx, const sluice::json&) {
        bool stopped = false;
        try {
            co_await ctx.sleep(milliseconds(60'000));
        } catch (const sluice::failure& failure) {
            stopped = failure.code() == SLUICE_CANCELLED;
        }
        co_return sluice::json{{"stopped", stopped}, {"cancelled", ctx.cancelled()}};
    }

    // Ends at once, many times over: must not need stack for each.
    sluice::task<sluice::json> loop(sluice::context&, const sluice::json& input) {
        std::int64_t sum = 0;
        for (std::int64_t i = 0; i < input.get_or("n", 0); ++i)
            sum += co_await one();
        co_return sluice::json(sum);
    }

    sluice::json fetch_blocking(sluice::context& ctx, const sluice::json& input) {
        const sluice::http_request request("GET", sluice::required_string(input, "url"));
        const sluice::http_response first = ctx.http_wait(request);
        const sluice::http_response second = ctx.http_wait(request);
        return {{"first", first.status}, {"second", second.status}};
    }

    sluice::json is_cancelled_blocking(sluice::context& ctx, const sluice::json&) {
        return ctx.cancelled();
    }

    sluice::json shout_blocking(sluice::context& ctx, const sluice::json& input) {
        const sluice::blob from = ctx.find_blob(input["file"]);
        const sluice::blob to = ctx.create_blob(from.content_type());
        if (input.get_or("sealTooSoon", false)) to.seal();
        for (std::uint64_t at = 0;;) {
            std::string piece = from.read_wait(at, 4);
            if (piece.empty()) break;
            at += piece.size();
            for (char& c : piece)
                c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
            to.write_wait(piece);
        }
        to.seal();
        return {{"file", to.reference()}};
    }

    // Uses the login of an earlier call, or a new one.
    sluice::json use_session(sluice::context& ctx, const sluice::json& input) {
        if (input.get_or("otherType", false)) ctx.take_session<int>("login");
        auto session = ctx.take_session<login>("login");
        const bool found = session != nullptr;
        if (!found) session = std::make_unique<login>(input.get_or("name", ""));
        ++session->uses;
        const sluice::json out{{"found", found}, {"name", session->name}, {"uses", session->uses}};
        if (!input.get_or("broken", false)) {
            ctx.keep_session("login", std::move(session), milliseconds(30'000));
        }
        if (input.get_or("refused", false)) throw sluice::failure(SLUICE_AUTH, "who are you?");
        return out;
    }

  private:
    sluice::task<sluice::json> one_page(sluice::context& ctx, int number) {
        sluice::url address = sluice::url("https://example.test/") / "items";
        address.query("page", number);
        const auto response = co_await ctx.http(sluice::http_request("GET", address));
        sluice::require_ok(response, "The service");
        co_return response.json();
    }
    sluice::task<std::int64_t> one() { co_return 1; }
};

}  // namespace

SLUICE_CONNECTOR(sample, "sample", sluice::action("echo", &sample::echo),
                 sluice::action("describe", &sample::describe),
                 sluice::action("fetch", &sample::fetch), sluice::action("pages", &sample::pages),
                 sluice::action("count", &sample::count), sluice::action("shout", &sample::shout),
                 sluice::action("download", &sample::download),
                 sluice::action("heavy", &sample::heavy), sluice::action("refuse", &sample::refuse),
                 sluice::action("refuseEarly", &sample::refuse_early),
                 sluice::action("stubborn", &sample::stubborn),
                 sluice::action("loop", &sample::loop),
                 sluice::action("fetchBlocking", &sample::fetch_blocking),
                 sluice::action("isCancelledBlocking", &sample::is_cancelled_blocking),
                 sluice::action("shoutBlocking", &sample::shout_blocking),
                 sluice::action("useSession", &sample::use_session))
