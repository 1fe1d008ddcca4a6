#include "mail.hpp"

#include <curl/curl.h>
#include <gmime/gmime.h>

#include <mutex>

using sluice::action;
using sluice::mail::connector;

namespace sluice::mail {

connector::connector() {
    // Both count their users for the whole process and are never ended: other libraries in it may
    // use them, too.
    static std::once_flag once;
    std::call_once(once, [] {
        curl_global_init(CURL_GLOBAL_DEFAULT);
        g_mime_init();
    });
}

}  // namespace sluice::mail

SLUICE_CONNECTOR(connector, "mail", action("send", &connector::send),
                 action("checkSmtp", &connector::check_smtp),
                 action("checkImap", &connector::check_imap),
                 action("listNewMessages", &connector::list_new_messages),
                 action("getMessage", &connector::get_message),
                 action("moveMessage", &connector::move_message),
                 action("setFlags", &connector::set_flags),
                 action("deleteMessage", &connector::delete_message),
                 action("listFolders", &connector::list_folders))
