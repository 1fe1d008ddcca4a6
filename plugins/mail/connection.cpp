#include "connection.hpp"

#include <sys/socket.h>

#include <algorithm>

#include "gmime_handles.hpp"
#include "response_code.hpp"

namespace sluice::mail {
namespace {

constexpr long connect_s = 20;
constexpr std::size_t shown = 300;

sluice_code code_of_reply(long reply) {
    if (reply == 530 || reply == 534 || reply == 535) return SLUICE_AUTH;
    if (reply >= 500 && reply < 600) return SLUICE_INVALID_INPUT;
    return SLUICE_UNAVAILABLE;
}

// A login or TLS that the server refuses for now only: 454 (RFC 4954, 3207), [UNAVAILABLE].
// 432 asks for another password.
sluice_code code_of_refused_login(std::string_view said) {
    const bool for_now = said.starts_with('4') && !said.starts_with("432");
    return for_now ? SLUICE_UNAVAILABLE : code_of_response(said, SLUICE_AUTH);
}

sluice_code code_of_curl(CURLcode code) {
    switch (code) {
        case CURLE_PEER_FAILED_VERIFICATION:  // that is not the server we know
        case CURLE_SSL_CACERT_BADFILE:
            return SLUICE_AUTH;
        case CURLE_OPERATION_TIMEDOUT:
            return SLUICE_TIMEOUT;
        case CURLE_ABORTED_BY_CALLBACK:
            return SLUICE_CANCELLED;
        case CURLE_URL_MALFORMAT:
        case CURLE_UNSUPPORTED_PROTOCOL:
            return SLUICE_INVALID_INPUT;
        default:
            return SLUICE_UNAVAILABLE;
    }
}

// libcurl gives up by itself where the server offers nothing that fits: after EHLO or CAPABILITY,
// which went well.
bool is_refused_login(std::string_view said) {
    const std::size_t word = std::min(said.find(' '), said.size());
    return !said.starts_with('2') && !said.substr(word).starts_with(" OK");
}

// What a server tells of a token that it does not take: JSON in base64 (RFC 7628, 3.2.2).
std::string status_of(std::string_view challenge) {
    try {
        return json::parse(base64_decode(challenge).value_or("")).get_or("status", "");
    } catch (const json_error&) {
        return {};
    }
}

}  // namespace

connection::connection(const account& to) : account_(to), handle_(curl_easy_init()) {
    if (!handle_) throw failure(SLUICE_UNAVAILABLE, "the machine has no room for a connection");
    const auto set = [this](CURLoption what, auto value) {
        curl_easy_setopt(handle(), what, value);
    };
    set(CURLOPT_URL, account_.address().c_str());
    set(CURLOPT_PROTOCOLS_STR, "smtp,smtps,imap,imaps");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT, connect_s);
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);  // bytes a second
    allow_silence(usual_silence_s);
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    set(CURLOPT_USE_SSL,
        static_cast<long>(account_.security == security_kind::none ? CURLUSESSL_NONE
                                                                   : CURLUSESSL_ALL));
    if (!account_.username.empty()) {
        set(CURLOPT_USERNAME, account_.username.c_str());
        set(CURLOPT_PASSWORD, account_.password.c_str());
    }
    if (account_.by_token()) {
        set(CURLOPT_XOAUTH2_BEARER, account_.access_token.c_str());
        // Nothing else: libcurl would try what needs a password first.
        set(CURLOPT_LOGIN_OPTIONS, ("AUTH=" + account_.mechanism).c_str());
    }
    if (!account_.authorities.empty()) {
        const curl_blob pem{const_cast<char*>(account_.authorities.data()),
                            account_.authorities.size(), CURL_BLOB_COPY};
        set(CURLOPT_CAINFO_BLOB, &pem);
    }
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &connection::progress);
    set(CURLOPT_XFERINFODATA, this);
    set(CURLOPT_HEADERFUNCTION, &connection::line);
    set(CURLOPT_HEADERDATA, this);
}

void connection::allow_silence(std::int64_t usual_s) {
    const long seconds = static_cast<long>(account_.answer_seconds(usual_s));
    curl_easy_setopt(handle(), CURLOPT_SERVER_RESPONSE_TIMEOUT, seconds);
    curl_easy_setopt(handle(), CURLOPT_LOW_SPEED_TIME, seconds);
}

connection::~connection() {
    // libcurl waits two minutes for the answer to QUIT: there is none when nothing can be read.
    curl_socket_t socket = CURL_SOCKET_BAD;
    curl_easy_getinfo(handle(), CURLINFO_ACTIVESOCKET, &socket);
    if (socket != CURL_SOCKET_BAD) ::shutdown(socket, SHUT_RD);
}

void connection::serve(const context& ctx) { serving_ = &ctx; }

void connection::rest() { serving_ = nullptr; }

void connection::expect_ok(CURLcode code) const {
    if (code == CURLE_OK) return;
    long reply = 0;
    curl_easy_getinfo(handle(), CURLINFO_RESPONSE_CODE, &reply);
    if (code == CURLE_LOGIN_DENIED) refuse_login();
    // A refusal of the server stands behind these two; everything else is about the connection.
    const bool refused =
        reply >= 400 &&
        (code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_WEIRD_SERVER_REPLY ||
         code == CURLE_UPLOAD_FAILED || code == CURLE_REMOTE_ACCESS_DENIED);
    const sluice_code kind = refused                        ? code_of_reply(reply)
                             : code == CURLE_USE_SSL_FAILED ? code_of_refused_login(said())
                                                            : code_of_curl(code);
    std::string message = account_.name() + ": " + curl_easy_strerror(code);
    if (refused || !refusal_.empty()) message += ": " + said().substr(0, shown);
    throw failure(kind, message);
}

void connection::refuse_login() const {
    std::string message = account_.name() + ": " + curl_easy_strerror(CURLE_LOGIN_DENIED) + ": ";
    if (!is_refused_login(said())) {
        const std::string what = account_.by_token() ? account_.mechanism : "a login by password";
        throw failure(SLUICE_AUTH, message + "the server does not offer " + what);
    }
    const sluice_code kind = code_of_refused_login(said());
    const std::string status = status_of(challenge_);
    std::string why = status.empty() ? "" : "status " + status.substr(0, shown);
    // The challenge itself is nothing to read.
    if (status.empty() || !said().ends_with(challenge_)) {
        why += (why.empty() ? "" : ": ") + said().substr(0, shown);
    }
    // What a token does not allow, the next one does not allow either.
    const bool another_token_helps = kind == SLUICE_AUTH && account_.by_token() &&
                                     status != "insufficient_scope" && status != "403";
    throw failure(kind, clean_text((message + why).c_str()))
        .http_status(another_token_helps ? 401 : 0);
}

int connection::progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
    const context* const serving = static_cast<connection*>(self)->serving_;
    return serving != nullptr && serving->cancelled() ? 1 : 0;
}

std::size_t connection::line(char* bytes, std::size_t one, std::size_t count, void* self) noexcept {
    const std::string_view text(bytes, one * count);
    const std::string_view shown_text = text.substr(0, text.find_first_of("\r\n"));
    try {
        auto& here = *static_cast<connection*>(self);
        here.last_line_ = clean_text(shown_text.data(), shown_text.size());
        if (shown_text.starts_with('4') || shown_text.starts_with('5')) {
            here.refusal_ = here.last_line_;
        }
        for (const std::string_view mark : {"334 ", "+ "}) {
            if (shown_text.starts_with(mark)) here.challenge_ = shown_text.substr(mark.size());
        }
    } catch (const std::bad_alloc&) {
        return 0;  // libcurl gives up
    }
    return one * count;
}

}  // namespace sluice::mail
