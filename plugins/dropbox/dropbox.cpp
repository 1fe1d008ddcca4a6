#include "dropbox.hpp"

#include <sluice/connector.hpp>

using sluice::action;
using sluice::dropbox::connector;

SLUICE_CONNECTOR(connector, "dropbox", action("getCurrentAccount", &connector::get_current_account),
                 action("listFolder", &connector::list_folder),
                 action("createFolder", &connector::create_folder),
                 action("listChanges", &connector::list_changes),
                 action("longpoll", &connector::longpoll),
                 action("getMetadata", &connector::get_metadata),
                 action("delete", &connector::delete_entry), action("move", &connector::move),
                 action("copy", &connector::copy), action("download", &connector::download),
                 action("upload", &connector::upload),
                 action("createSharedLink", &connector::create_shared_link),
                 action("listSharedLinks", &connector::list_shared_links),
                 action("receiveNotification", &connector::receive_notification))
