# Included by the tree and by the installed package, so that the mock host is compiled with the
# compiler and the flags of the tests that use it.
set(SLUICE_SDK_TESTING_SOURCES
  blob_service.cpp call_handles.cpp descriptor.cpp guarded_bytes.cpp host_table.cpp http_script.cpp http_service.cpp
  load_connector.cpp mock_core.cpp mock_host.cpp run_together.cpp session_service.cpp
  state_service.cpp strand_watch.cpp timer_and_work_service.cpp)
