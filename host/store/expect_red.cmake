# Runs a test program that was built with one promise broken, and passes only if the tests that
# guard this promise fail, and nothing else does.
#   cmake -DPROGRAM=... -DEXPECTED=regex -DFILTER=... -P expect_red.cmake
execute_process(
  COMMAND ${PROGRAM} --gtest_brief=1 --gtest_filter=${FILTER}
  OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE result)
string(REGEX MATCHALL "\\[  FAILED  \\] [A-Za-z_]+/[A-Za-z_]+\\.[a-z_]+" failed "${output}")
list(REMOVE_DUPLICATES failed)
if(NOT result EQUAL 1)
  message(FATAL_ERROR "expected a failing test, got result ${result}\n${output}\n${errors}")
endif()
set(expected_seen FALSE)
foreach(one IN LISTS failed)
  if(one MATCHES "${EXPECTED}")
    set(expected_seen TRUE)
  else()
    message(FATAL_ERROR "another test failed than those that guard the promise: ${one}\n${output}")
  endif()
endforeach()
if(NOT expected_seen)
  message(FATAL_ERROR "the tests that guard the promise did not fail\n${output}")
endif()
