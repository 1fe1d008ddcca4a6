#include "plugin/session_requests.hpp"

#include <algorithm>
#include <utility>

#include "plugin/live_call.hpp"

namespace sluice::plugin {

namespace {

struct tables {
    const sluice_http_1* http;
    const sluice_blob_1* blob;
    const sluice_state_1* state;
    const sluice_timer_1* timer;
};

tables tables_of(const sluice_host& host) {
    const auto find = [&host](const char* id) { return host.service(&host, id); };
    return {static_cast<const sluice_http_1*>(find("sluice.http/1")),
            static_cast<const sluice_blob_1*>(find("sluice.blob/1")),
            static_cast<const sluice_state_1*>(find("sluice.state/1")),
            static_cast<const sluice_timer_1*>(find("sluice.timer/1"))};
}

// ---- Done functions: [strand] of the call, so on the loop ---------------------------------------

void reply(void* user, frame_writer&& body) {
    auto& operation = *static_cast<isolated_operation*>(user);
    if (const auto session = operation.session.lock()) session->answer(operation, std::move(body));
}

void SLUICE_CALL done(void* user, const sluice_error* error) {
    frame_writer body;
    body.failure(error);
    reply(user, std::move(body));
}

void SLUICE_CALL state_read(void* user, const sluice_error* error, std::uint32_t found,
                            sluice_str value, std::uint64_t version) {
    frame_writer body;
    body.failure(error).number(found).text(value).number(version);
    reply(user, std::move(body));
}

void SLUICE_CALL blob_read(void* user, const sluice_error* error, std::uint64_t size) {
    const auto& operation = *static_cast<isolated_operation*>(user);
    frame_writer body;
    body.failure(error).text(std::string_view(operation.buffer).substr(0, error ? 0 : size));
    reply(user, std::move(body));
}

void SLUICE_CALL blob_written(void* user, const sluice_error* error, std::uint64_t size) {
    frame_writer body;
    body.failure(error).number(size);
    reply(user, std::move(body));
}

}  // namespace

// Where blob handles of the response become numbers of the session.
struct http_answer {
    static void SLUICE_CALL done(void* user, const sluice_error* error,
                                 const sluice_http_response* response) {
        auto& operation = *static_cast<isolated_operation*>(user);
        const auto session = operation.session.lock();
        if (!session) return;
        frame_writer body;
        body.failure(error);
        if (response != nullptr) {
            body.number(response->status).text(response->headers).text(response->body);
            write_blob(*session, body, response->body_blob);
        }
        session->answer(operation, std::move(body));
    }
    static void write_blob(runner_session& session, frame_writer& body, sluice_blob* blob);
};

std::uint64_t session_requests::offered(const sluice_host& host) {
    const tables have = tables_of(host);
    std::uint64_t bits = 0;
    const auto add = [&bits](bool there, std::initializer_list<frame_service> services) {
        for (const frame_service each : services)
            bits |= there ? static_cast<std::uint64_t>(each) : 0;
    };
    add(have.http != nullptr, {frame_service::http});
    add(have.timer != nullptr, {frame_service::timer});
    add(have.state != nullptr, {frame_service::state_get, frame_service::state_set,
                                frame_service::state_compare, frame_service::state_remove});
    add(have.blob != nullptr, {frame_service::blob_read, frame_service::blob_write});
    return bits;
}

// ---- Requests -----------------------------------------------------------------------------------

namespace {

struct asked {
    const tables& have;
    const isolated_call& call;
    isolated_operation& operation;
    frame_reader& body;
};

bool send_http(const asked& it, const std::function<sluice_blob*(std::uint64_t)>& blob_of,
               std::uint64_t& host_operation) {
    sluice_http_request request = {};
    request.size = static_cast<std::uint32_t>(it.body.number());
    request.timeout_ms = static_cast<std::uint32_t>(it.body.number());
    request.method = to_abi(it.body.text());
    request.url = to_abi(it.body.text());
    request.headers = to_abi(it.body.text());
    request.body = to_abi(it.body.text());
    const std::uint64_t blob = it.body.number();
    request.flags = static_cast<std::uint32_t>(it.body.number());
    if (!it.body.finished() || it.have.http == nullptr) return false;
    // A struct that is too short was sent without its contents; the host says so.
    if (request.size > sizeof request) request.size = sizeof request;
    if (blob != 0) request.body_blob = blob_of(blob);
    if (blob != 0 && request.body_blob == nullptr) return false;
    host_operation = it.have.http->send(it.call.handle, &request, http_answer::done, &it.operation);
    return true;
}

bool start_timer(const asked& it, std::uint64_t& host_operation) {
    const std::uint64_t delay_ms = it.body.number();
    if (!it.body.finished() || it.have.timer == nullptr) return false;
    host_operation = it.have.timer->after(it.call.handle, delay_ms, done, &it.operation);
    return true;
}

bool use_state(const asked& it) {
    const sluice_str key = to_abi(it.body.text());
    const std::uint64_t expected = it.body.number();
    const sluice_str value = to_abi(it.body.text());
    if (!it.body.finished() || it.have.state == nullptr) return false;
    const sluice_state_1& state = *it.have.state;
    isolated_operation* const user = &it.operation;
    switch (it.operation.service) {
        case frame_service::state_get:
            state.get(it.call.handle, key, state_read, user);
            return true;
        case frame_service::state_set:
            state.set(it.call.handle, key, value, done, user);
            return true;
        case frame_service::state_compare:
            state.compare_and_set(it.call.handle, key, expected, value, done, user);
            return true;
        case frame_service::state_remove:
            state.remove(it.call.handle, key, done, user);
            return true;
        default:
            return false;
    }
}

bool use_blob(const asked& it, const std::function<sluice_blob*(std::uint64_t)>& blob_of) {
    sluice_blob* const blob = blob_of(it.body.number());
    if (blob == nullptr || it.have.blob == nullptr) return false;
    isolated_operation& own = it.operation;
    if (own.service == frame_service::blob_write) {
        own.buffer = it.body.text();
        if (!it.body.finished() || own.buffer.size() > blob_piece) return false;
        it.have.blob->write(it.call.handle, blob, own.buffer.data(), own.buffer.size(),
                            blob_written, &own);
        return true;
    }
    const std::uint64_t offset = it.body.number();
    const std::uint64_t size = it.body.number();
    if (!it.body.finished() || size > blob_piece) return false;
    own.buffer.resize(size);
    it.have.blob->read(it.call.handle, blob, offset, own.buffer.data(), size, blob_read, &own);
    return true;
}

// What the host keeps until a request is answered: what it says and, of a read, room for the piece.
std::size_t bytes_to_keep(const frame& one) {
    frame_reader body(one.body);
    const auto service = static_cast<frame_service>(body.number());
    if (service != frame_service::blob_read) return one.body.size();
    body.number();  // blob
    body.number();  // offset
    return one.body.size() + std::min<std::uint64_t>(body.number(), blob_piece);
}

}  // namespace

// As an answer of the host's service: the connector may try it again.
void session_requests::refuse(runner_session& session, const frame& one) {
    const base::error why = base::make_error(
        base::error_code::unavailable,
        "the requests under way of this connector's process hold all of the " +
            std::to_string(request_memory::limit >> 20) + " MiB that the host keeps for them");
    const sluice_error error = to_abi_error(why);
    frame answer;
    answer.kind = frame_kind::answer;
    answer.call = one.call;
    answer.operation = one.operation;
    answer.body = frame_writer().failure(&error).take();
    session.send(answer);
}

bool session_requests::request(runner_session& session, const frame& one) {
    constexpr std::size_t most_at_once = 10'000;  // operations of one call
    const isolated_call_ptr call = session.find(one.call);
    if (!call) return true;  // its end crossed this frame
    std::shared_ptr<void> memory = session.memory_->claim(bytes_to_keep(one));
    if (!memory) {
        refuse(session, one);
        return true;
    }
    auto made = std::make_unique<isolated_operation>();
    isolated_operation& operation = *made;
    frame_reader body(one.body);
    operation.memory = std::move(memory);
    operation.session = session.weak_from_this();
    operation.of = call.get();
    operation.number = one.operation;
    operation.service = static_cast<frame_service>(body.number());
    {
        const std::lock_guard lock(session.mutex_);
        if (call->operations.size() >= most_at_once) return false;
        if (!call->operations.emplace(one.operation, std::move(made)).second) return false;
    }
    const tables have = tables_of(session.host_);
    const asked it{have, *call, operation, body};
    const auto blob_of = [&session](std::uint64_t number) { return session.blob(number); };
    std::uint64_t host_operation = 0;
    bool fine = false;
    // From here on the loop may answer at any moment and take `operation` away.
    switch (operation.service) {
        case frame_service::http:
            fine = send_http(it, blob_of, host_operation);
            break;
        case frame_service::timer:
            fine = start_timer(it, host_operation);
            break;
        case frame_service::blob_read:
        case frame_service::blob_write:
            return use_blob(it, blob_of);
        default:
            return use_state(it);
    }
    const std::lock_guard lock(session.mutex_);
    const auto found = call->operations.find(one.operation);
    if (found != call->operations.end()) found->second->host_operation = host_operation;
    return fine;
}

bool session_requests::give_up(runner_session& session, const frame& one) {
    const isolated_call_ptr call = session.find(one.call);
    if (!call) return true;
    std::uint64_t host_operation = 0;
    frame_service service = frame_service::timer;
    {
        const std::lock_guard lock(session.mutex_);
        const auto found = call->operations.find(one.operation);
        if (found == call->operations.end()) return true;
        host_operation = found->second->host_operation;
        service = found->second->service;
    }
    const tables have = tables_of(session.host_);
    if (service == frame_service::http && have.http != nullptr)
        have.http->cancel(call->handle, host_operation);
    if (service == frame_service::timer && have.timer != nullptr)
        have.timer->cancel(call->handle, host_operation);
    return true;
}

// ---- Blobs --------------------------------------------------------------------------------------

namespace {

void describe(frame_writer& body, const sluice_blob_1& table, std::uint64_t number,
              sluice_blob* blob) {
    body.number(number);
    body.text(number != 0 ? table.id(blob) : sluice_str{});
    body.number(number != 0 ? table.length(blob) : 0);
}

}  // namespace

void http_answer::write_blob(runner_session& session, frame_writer& body, sluice_blob* blob) {
    const sluice_blob_1* table = session_requests::blobs_of(session);
    std::uint64_t number = 0;
    if (blob != nullptr) {
        table->retain(blob);
        number = session.add_blob(blob);
        if (number == 0) table->release(blob);
    }
    describe(body, *table, number, blob);
}

const sluice_blob_1* session_requests::blobs_of(runner_session& session) {
    return tables_of(session.host_).blob;
}

bool session_requests::ask(runner_session& session, const frame& one) {
    frame_reader asked(one.body);
    const auto question = static_cast<frame_question>(asked.number());
    const sluice_str text = to_abi(asked.text());
    const sluice_blob_1* table = blobs_of(session);
    if (!asked.finished() || table == nullptr) return false;
    sluice_blob* blob = nullptr;
    if (const isolated_call_ptr call = session.find(one.call)) {
        if (question == frame_question::create_blob) blob = table->create(call->handle, text);
        if (question == frame_question::find_blob) blob = table->find(call->handle, text);
    }
    std::uint64_t number = 0;
    if (blob != nullptr) number = session.add_blob(blob);
    if (blob != nullptr && number == 0) table->release(blob);
    frame answer;
    answer.kind = frame_kind::reply;
    answer.operation = one.operation;
    frame_writer body;
    describe(body, *table, number, blob);
    answer.body = body.take();
    session.send(answer);
    return true;
}

bool session_requests::seal(runner_session& session, const frame& one) {
    const isolated_call_ptr call = session.find(one.call);
    sluice_blob* const blob = session.blob(one.operation);
    const sluice_blob_1* table = blobs_of(session);
    if (blob == nullptr || table == nullptr) return false;
    table->seal(call ? call->handle : nullptr, blob);
    return true;
}

bool session_requests::release(runner_session& session, const frame& one) {
    const sluice_blob_1* table = blobs_of(session);
    sluice_blob* blob = nullptr;
    {
        const std::lock_guard lock(session.mutex_);
        const auto found = session.blobs_.find(one.operation);
        if (found == session.blobs_.end()) return false;
        blob = found->second;
        session.blobs_.erase(found);
    }
    table->release(blob);
    return true;
}

}  // namespace sluice::plugin
