#include "net/loop_thread_testing.hpp"

#include "base/panic.hpp"

namespace sluice::net {

void loop_thread::stop() {
    loop_.stop();
    if (thread_.joinable()) thread_.join();
}

test_server::test_server(http_handler handler, http_server_options options) {
    server_ = std::make_unique<http_server>(thread_.loop(), std::move(options), std::move(handler));
    auto port = thread_.call([this] { return server_->start(); });
    if (!port) base::panic(port.error_value().to_text());
    port_ = *port;
}

test_server::~test_server() {
    thread_.stop();
    server_.reset();
}

http_server_stats test_server::stats() {
    return thread_.call([this] { return server_->stats(); });
}

void scripted_resolver::add(const std::string& host, const std::vector<std::string>& addresses) {
    std::vector<ip_address> list;
    for (const auto& text : addresses)
        list.push_back(ip_address::parse(text).value());
    answers_.emplace_back(host, std::move(list));
}

void scripted_resolver::resolve(const std::string& host, done_function done) {
    ++lookups_;
    base::result<std::vector<ip_address>> answer = base::make_error(
        base::error_code::unavailable, "the name " + host + " is not in the script");
    std::size_t same_name = 0;
    std::size_t used = answers_.size();
    for (std::size_t i = answers_.size(); i-- > 0;) {
        if (answers_[i].first != host) continue;
        ++same_name;
        used = i;
    }
    if (used < answers_.size()) {
        answer = answers_[used].second;
        if (same_name > 1) answers_.erase(answers_.begin() + static_cast<std::ptrdiff_t>(used));
    }
    loop_.post([done = std::move(done), answer = std::move(answer)] { done(answer); });
}

namespace {

egress_policy policy_of(const std::vector<std::string>& allow) {
    auto policy = egress_policy::from_allow_list(allow);
    if (!policy) base::panic(policy.error_value().to_text());
    return *std::move(policy);
}

}  // namespace

test_client::test_client(std::vector<std::string> allow, http_client_options options)
    : names_(thread_.loop()),
      guard_(thread_.loop(), names_, policy_of(allow)),
      client_(std::make_unique<http_client>(thread_.loop(), guard_, std::move(options))) {}

test_client::~test_client() {
    thread_.stop();
    client_.reset();
}

std::future<base::result<client_response>> test_client::begin(client_request request,
                                                              http_client::operation* id) {
    auto promise = std::make_shared<std::promise<base::result<client_response>>>();
    auto future = promise->get_future();
    const auto started = client_->send(
        std::move(request),
        [promise](base::result<client_response> answer) { promise->set_value(std::move(answer)); });
    if (id) *id = started;
    return future;
}

base::result<client_response> test_client::send(client_request request) {
    return begin(std::move(request)).get();
}

base::result<client_response> test_client::get(const std::string& url) {
    client_request request;
    request.url = url;
    return send(std::move(request));
}

http_client_stats test_client::stats() {
    return thread_.call([this] { return client_->stats(); });
}

}  // namespace sluice::net
