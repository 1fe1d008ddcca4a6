#include "http.hpp"

using sluice::action;
using sluice::http::connector;

// The ids are those of connector.json.
SLUICE_CONNECTOR(connector, "http", action("request", &connector::request),
                 action("testConnection", &connector::test_connection),
                 action("listPages", &connector::list_pages),
                 action("downloadFile", &connector::download_file),
                 action("uploadFile", &connector::upload_file),
                 action("verifyHmac", &connector::verify_hmac),
                 action("verifyBearer", &connector::verify_bearer),
                 action("verifyBasic", &connector::verify_basic))
