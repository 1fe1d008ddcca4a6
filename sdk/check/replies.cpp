#include "replies.hpp"

#include <array>
#include <memory>

#include "mutation.hpp"
#include "samples.hpp"

namespace sluice::checking {
namespace {

constexpr unsigned most_surprises = 50;

http_answer failure_answer(sluice_code code) {
    http_answer made;
    made.error.emplace(code, "the check lets this request fail");
    return made;
}

class surprise {
  public:
    surprise(const checked_action& action, std::uint64_t seed)
        : random_(seed), like_output_(sample(action.output_schema, "", {"", "", true})) {}

    http_answer next() {
        if (++count_ > most_surprises) return whole(500, "{}");
        static constexpr std::array codes = {SLUICE_UNAVAILABLE, SLUICE_TIMEOUT,
                                             SLUICE_RATE_LIMITED, SLUICE_INVALID_INPUT};
        if (one_in(8)) return failure_answer(codes[random_() % codes.size()]);
        static constexpr std::array statuses = {200u, 200u, 200u, 200u, 201u, 202u, 204u, 206u,
                                                301u, 304u, 400u, 401u, 403u, 404u, 409u, 410u,
                                                412u, 422u, 429u, 500u, 502u, 503u, 999u, 100u};
        http_answer made = whole(statuses[random_() % statuses.size()], body());
        if (one_in(4)) made.delay_ms = random_() % 120'000;
        return made;
    }

  private:
    bool one_in(unsigned n) { return random_() % n == 0; }

    http_answer whole(unsigned status, std::string body) {
        http_answer made;
        made.status = status;
        made.body = std::move(body);
        made.headers = headers();
        return made;
    }

    testing::header_list headers() {
        static const std::array<std::pair<std::string, std::string>, 16> some = {{
            {"Content-Type", "application/json"},
            {"Content-Type", "text/html"},
            {"Content-Type", ""},
            {"Retry-After", "7"},
            {"Retry-After", "-1"},
            {"Retry-After", "99999999999999999999"},
            {"Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"},
            {"X-RateLimit-Remaining", "0"},
            {"X-RateLimit-Reset", "soon"},
            {"Link", "<https://check.invalid/next?page=2>; rel=\"next\""},
            {"Link", "<<>; rel="},
            {"ETag", "\"abc\""},
            {"Location", "/elsewhere"},
            {"Location", "\xff"},
            {"Date", "yesterday"},
            {"Content-Length", "18446744073709551615"},
        }};
        testing::header_list made;
        while (!one_in(3))
            made.push_back(some[random_() % some.size()]);
        return made;
    }

    std::string body() {
        switch (random_() % 10) {
            case 0:
                return {};
            case 1:
                return "<html><body>Bad gateway</body></html>";
            case 2:
                return "\xff\xfe\x00{";
            case 3:
                return std::string(random_() % 200'000, one_in(2) ? '[' : ' ');
            case 4: {
                const std::string text = like_output_.dump();
                return text.substr(0, random_() % (text.size() + 1));
            }
            case 5:
                return "{}";
            case 6:
                return like_output_.dump();
            default:
                return mutated(like_output_, random_).dump();
        }
    }

    std::mt19937_64 random_;
    json like_output_;
    unsigned count_ = 0;
};

}  // namespace

http_answers always(unsigned status, std::string body, testing::header_list headers) {
    http_answer made;
    made.status = status;
    made.body = std::move(body);
    made.headers = std::move(headers);
    return [made](const testing::recorded_request&) { return made; };
}

http_answers never(sluice_code code) {
    return [made = failure_answer(code)](const testing::recorded_request&) { return made; };
}

http_answers as_in_example(const checked_action& action, std::size_t example,
                           http_answers otherwise) {
    const auto& script = action.replies[example].items();
    if (script.empty()) return otherwise;
    std::vector<http_answer> answers;
    for (const json& each : script) {
        http_answer& made = answers.emplace_back();
        made.status = static_cast<unsigned>(each.get_or("status", std::int64_t{200}));
        const json& body = each["body"];
        made.body = body.is_string() ? body.as_string() : body.is_null() ? "" : body.dump();
        for (const auto& [name, value] : each["headers"].members())
            made.headers.emplace_back(name, value.is_string() ? value.as_string() : value.dump());
    }
    // Used under the mock host's lock.
    return [answers, next = std::make_shared<std::size_t>(0)](const testing::recorded_request&) {
        const http_answer& made = answers[*next];
        if (*next + 1 < answers.size()) ++*next;
        return made;
    };
}

http_answers like_output(const checked_action& action) {
    return always(200, sample(action.output_schema, "", {"", "", true}).dump(),
                  {{"Content-Type", "application/json"}});
}

http_answers surprising(const checked_action& action, std::uint64_t seed) {
    auto source = std::make_shared<surprise>(action, seed);
    return [source](const testing::recorded_request&) { return source->next(); };
}

}  // namespace sluice::checking
