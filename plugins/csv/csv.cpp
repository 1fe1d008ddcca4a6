#include "csv.hpp"

using csv::connector;
using sluice::action;

// The ids are those of connector.json.
SLUICE_CONNECTOR(connector, "csv", action("parse", &connector::parse),
                 action("inspect", &connector::inspect), action("write", &connector::write),
                 action("concatenate", &connector::concatenate))
