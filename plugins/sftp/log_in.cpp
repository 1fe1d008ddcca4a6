#include "log_in.hpp"

#include <algorithm>
#include <utility>

#include "connect_socket.hpp"

namespace sluice::sftp {
namespace {

std::string error_text(const ssh_pointer& ssh) {
    const char* text = ssh_get_error(ssh.get());
    return text == nullptr || *text == '\0' ? "no reason given" : text;
}

void set_option(const ssh_pointer& ssh, ssh_options_e option, const void* value) {
    if (ssh_options_set(ssh.get(), option, value) == SSH_OK) return;
    throw failure(SLUICE_INVALID_INPUT,
                  "the connection cannot be used as it is: " + error_text(ssh));
}

ssh_pointer prepare(const settings& wanted, const std::string& algorithms) {
    ssh_pointer ssh(ssh_new());
    if (!ssh) throw failure(SLUICE_UNAVAILABLE, "out of memory");
    // The host's own ~/.ssh and /etc/ssh are not the customer's business.
    const int no = 0;
    const long timeout = wanted.timeout_seconds;
    set_option(ssh, SSH_OPTIONS_PROCESS_CONFIG, &no);
    set_option(ssh, SSH_OPTIONS_HOST, wanted.host.c_str());
    set_option(ssh, SSH_OPTIONS_PORT, &wanted.port);
    set_option(ssh, SSH_OPTIONS_USER, wanted.username.c_str());
    set_option(ssh, SSH_OPTIONS_TIMEOUT, &timeout);
    set_option(ssh, SSH_OPTIONS_STRICTHOSTKEYCHECK, &no);  // the pinned keys decide
    if (!algorithms.empty()) set_option(ssh, SSH_OPTIONS_HOSTKEYS, algorithms.c_str());
    return ssh;
}

[[noreturn]] void cannot_connect(const settings& wanted, const std::string& why,
                                 watchdog::verdict found = watchdog::verdict::fine) {
    if (found == watchdog::verdict::cancelled) {
        throw failure(SLUICE_CANCELLED, "the host asked the call to end");
    }
    sluice_code code = SLUICE_UNAVAILABLE;
    if (found == watchdog::verdict::hangs || why.find("imeout") != why.npos) code = SLUICE_TIMEOUT;
    // No cipher or key exchange in common: waiting does not help.
    if (why.find("no match for method") != why.npos) code = SLUICE_UNSUPPORTED;
    throw failure(code, "cannot connect to " + address_of(wanted) + ": " + why);
}

std::string server_fingerprint(const settings& wanted, const ssh_pointer& ssh) {
    ssh_key found = nullptr;
    if (ssh_get_server_publickey(ssh.get(), &found) != SSH_OK) {
        cannot_connect(wanted, "the server shows no key");
    }
    const key_pointer key(found);
    return fingerprint_of(key.get());
}

bool is_pinned(const settings& wanted, const std::string& fingerprint) {
    return std::any_of(wanted.host_keys.begin(), wanted.host_keys.end(),
                       [&](const pinned_key& key) { return key.fingerprint == fingerprint; });
}

// A server has keys of several algorithms and shows one of those that the client asks for. A pinned
// public key says which; of a mere fingerprint nobody can tell, so all are asked for in turn.
std::vector<std::string> algorithms_to_try(const settings& wanted) {
    std::string known;
    bool all_known = true;
    for (const pinned_key& key : wanted.host_keys) {
        all_known = all_known && !key.algorithms.empty();
        if (known.find(key.algorithms) == known.npos) {
            known += (known.empty() ? "" : ",") + key.algorithms;
        }
    }
    if (all_known) return {known};
    return {"", "ssh-ed25519", "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521",
            "rsa-sha2-512,rsa-sha2-256"};
}

[[noreturn]] void refuse_server(const settings& wanted, const std::string& shown) {
    std::string expected;
    for (const pinned_key& key : wanted.host_keys) {
        expected += (expected.empty() ? "" : " or ") + key.fingerprint;
    }
    throw failure(SLUICE_AUTH, "the server at " + address_of(wanted) +
                                   " is not the one that is expected: its key is " + shown +
                                   ", 'hostKey' says " + expected)
        .details(json{{"reason", "hostKeyMismatch"}, {"shown", shown}, {"expected", expected}});
}

logged_in connect(const settings& wanted, const context& ctx,
                  const std::shared_ptr<watchdog>& dog) {
    std::string shown;
    for (const std::string& algorithms : algorithms_to_try(wanted)) {
        logged_in made;
        made.ssh = prepare(wanted, algorithms);
        file_descriptor socket = connect_socket(wanted, ctx);
        made.watched =
            std::make_unique<watchdog::watched>(dog, socket.get(), wanted.timeout_seconds, ctx);
        const int number = socket.release();  // libssh closes it
        set_option(made.ssh, SSH_OPTIONS_FD, &number);
        if (ssh_connect(made.ssh.get()) != SSH_OK) {
            const std::string why = error_text(made.ssh);
            // It has no key of this algorithm.
            if (!shown.empty() && why.find("no match for method") != why.npos) continue;
            cannot_connect(wanted, why, made.watched->found());
        }
        made.watched->start_anew();
        made.host_key = server_fingerprint(wanted, made.ssh);
        if (is_pinned(wanted, made.host_key)) return made;
        if (shown.find(made.host_key) == shown.npos) {
            shown += (shown.empty() ? "" : ", ") + made.host_key;
        }
    }
    refuse_server(wanted, shown);
}

// Many servers ask for the password as the only, hidden question of `keyboard-interactive`. What
// asks for more wants a second proof, and gets nothing.
int answer_questions(ssh_session ssh, const std::string& password) {
    int state = ssh_userauth_kbdint(ssh, nullptr, nullptr);
    bool answered = false;
    for (int round = 0; state == SSH_AUTH_INFO && round < 5; ++round) {
        const int questions = ssh_userauth_kbdint_getnprompts(ssh);
        if (questions > 0) {
            char visible = 0;
            ssh_userauth_kbdint_getprompt(ssh, 0, &visible);
            if (questions != 1 || visible != 0 || answered) return SSH_AUTH_DENIED;
            ssh_userauth_kbdint_setanswer(ssh, 0, password.c_str());
            answered = true;
        }
        state = ssh_userauth_kbdint(ssh, nullptr, nullptr);
    }
    return state;
}

int try_password(ssh_session ssh, const std::string& password) {
    const int methods = ssh_userauth_list(ssh, nullptr);
    int state = SSH_AUTH_DENIED;
    if ((methods & SSH_AUTH_METHOD_PASSWORD) != 0) {
        state = ssh_userauth_password(ssh, nullptr, password.c_str());
    }
    if (state == SSH_AUTH_DENIED && (methods & SSH_AUTH_METHOD_INTERACTIVE) != 0) {
        state = answer_questions(ssh, password);
    }
    return state;
}

int try_key(ssh_session ssh, const settings& wanted) {
    ssh_key read = nullptr;
    // An empty passphrase rather than none: OpenSSL would ask for one at the terminal.
    const int imported = ssh_pki_import_privkey_base64(
        wanted.private_key.c_str(), wanted.passphrase.c_str(), nullptr, nullptr, &read);
    const key_pointer key(read);
    if (imported != SSH_OK) {
        throw failure(SLUICE_AUTH,
                      wanted.passphrase.empty()
                          ? "'privateKey' is no private key, or it needs a passphrase"
                          : "'privateKey' is no private key, or its passphrase is another one");
    }
    return ssh_userauth_publickey(ssh, nullptr, key.get());
}

[[noreturn]] void refuse_log_in(const settings& wanted, const logged_in& connected, int state) {
    const std::string who = "'" + wanted.username + "' at " + address_of(wanted);
    if (state == SSH_AUTH_PARTIAL) {
        throw failure(SLUICE_AUTH, "the server wants a further proof than this one of " + who);
    }
    if (state == SSH_AUTH_DENIED) {
        throw failure(SLUICE_AUTH, "the server refuses to log in " + who);
    }
    cannot_connect(wanted, error_text(connected.ssh), connected.watched->found());
}

}  // namespace

logged_in log_in(const settings& wanted, const context& ctx, const std::shared_ptr<watchdog>& dog) {
    logged_in connected = connect(wanted, ctx, dog);
    ssh_session ssh = connected.ssh.get();
    // Its answer lists the methods; a server may also let everybody in.
    int state = ssh_userauth_none(ssh, nullptr);
    if (state == SSH_AUTH_DENIED) {
        connected.watched->start_anew();
        state =
            wanted.private_key.empty() ? try_password(ssh, wanted.password) : try_key(ssh, wanted);
    }
    if (state != SSH_AUTH_SUCCESS) refuse_log_in(wanted, connected, state);
    return connected;
}

}  // namespace sluice::sftp
