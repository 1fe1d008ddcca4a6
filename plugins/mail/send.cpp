#include <cstdio>

#include "compose.hpp"
#include "connection.hpp"
#include "mail.hpp"

namespace sluice::mail {
namespace {

constexpr std::chrono::minutes idle(1);  // most servers hang up after a few
constexpr const char* session_key = "smtp";

struct slist_freer {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

std::size_t read_file(char* into, std::size_t one, std::size_t count, void* file) {
    return std::fread(into, one, count, static_cast<std::FILE*>(file));
}

std::unique_ptr<connection> open(const context& ctx, const account& to) {
    std::unique_ptr<connection> made = ctx.take_session<connection>(session_key);
    if (!made) made = std::make_unique<connection>(to);
    made->serve(ctx);
    return made;
}

void keep(const context& ctx, std::unique_ptr<connection> used) {
    used->rest();
    ctx.keep_session(session_key, std::move(used), idle);
}

}  // namespace

json connector::send(context& ctx, const json& input) {
    const account to = smtp_account(ctx);
    composed message = compose(ctx, input, to.from);
    std::rewind(message.bytes.stream());

    std::unique_ptr<connection> smtp = open(ctx, to);
    CURL* const handle = smtp->handle();
    const std::string sender = "<" + message.sender + ">";
    std::unique_ptr<curl_slist, slist_freer> recipients;
    for (const std::string& each : message.recipients) {
        curl_slist* const longer = curl_slist_append(recipients.get(), ("<" + each + ">").c_str());
        if (longer == nullptr) throw failure(SLUICE_UNAVAILABLE, "no memory for the recipients");
        recipients.release();
        recipients.reset(longer);
    }
    curl_easy_setopt(handle, CURLOPT_NOBODY, 0L);
    curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(handle, CURLOPT_MAIL_FROM, sender.c_str());
    curl_easy_setopt(handle, CURLOPT_MAIL_RCPT, recipients.get());
    curl_easy_setopt(handle, CURLOPT_READFUNCTION, &read_file);
    curl_easy_setopt(handle, CURLOPT_READDATA, message.bytes.stream());
    curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE,
                     static_cast<curl_off_t>(message.bytes.size()));
    // Its answer may take long: whoever gives up before it comes sends the message once more.
    smtp->allow_silence(usual_acceptance_s);
    smtp->forget_lines();
    smtp->expect_ok(curl_easy_perform(handle));
    json accepted = json::array();
    for (const std::string& each : message.recipients)
        accepted.push(each);
    const std::string response = smtp->last_line();
    curl_easy_setopt(handle, CURLOPT_MAIL_RCPT, nullptr);
    keep(ctx, std::move(smtp));
    return json{{"messageId", message.message_id}, {"accepted", accepted}, {"response", response}};
}

json connector::check_smtp(context& ctx, const json&) {
    const account to = smtp_account(ctx);
    std::unique_ptr<connection> smtp = open(ctx, to);
    CURL* const handle = smtp->handle();
    // Connects, starts TLS, logs in, and says no more than NOOP.
    curl_easy_setopt(handle, CURLOPT_UPLOAD, 0L);
    curl_easy_setopt(handle, CURLOPT_MAIL_RCPT, nullptr);
    curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, "NOOP");
    smtp->allow_silence(usual_silence_s);
    smtp->forget_lines();
    const CURLcode code = curl_easy_perform(handle);
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, nullptr);
    smtp->expect_ok(code);
    keep(ctx, std::move(smtp));
    return json{{"server", to.name()}};
}

}  // namespace sluice::mail
