"""What configures the farm rather than says what is tested: sections and keys of a v1 file that no suite has.

Some of them act when the file is given as `--config`; a test compares them with what the console understands.
"""

from collections.abc import Mapping

from harness.suites.v1.carry import Configures, Defers, Treatment, documented_below


def _keys(text: str) -> tuple[str, ...]:
    return tuple(text.split())


HEALTH_CHECK = _keys("enabled interval_seconds failure_threshold recovery_timeout_seconds")
"""Keys of `server.health_check` that act as configuration."""
HEALTH_CHECK_DEFERRED = _keys(
    "timeout_seconds interval timeout recovery_timeout success_threshold method custom_tool on_failure"
    " max_failure_restarts"
)
LIMITS = _keys("max_memory_mb max_cpu_seconds max_disk_usage_mb max_network_connections max_open_files")

_PERFORMANCE = _keys("""
    enable_monitoring collect_detailed_metrics baseline_storage_path metrics_storage_path retention_days
    auto_establish_baselines auto_update_baselines baseline_confidence_threshold baseline_sample_size
    regression_detection.enabled regression_detection.warning_threshold_percent
    regression_detection.error_threshold_percent regression_detection.critical_threshold_percent
    regression_detection.confidence_level regression_detection.minimum_samples regression_detection.outlier_detection
    regression_detection.fail_on_regression regression_detection.alert_on_regression
    regression_detection.create_regression_report
    benchmarking.enabled benchmarking.warmup_iterations benchmarking.benchmark_iterations
    benchmarking.max_benchmark_duration_seconds benchmarking.remove_outliers benchmarking.outlier_threshold
    benchmarking.compare_against_baseline benchmarking.establish_new_baseline benchmarking.baseline_update_threshold
    enable_trend_analysis thresholds.warning_threshold_percent thresholds.error_threshold_percent
    thresholds.critical_threshold_percent baseline_updates.enabled baseline_updates.confidence_threshold
    baseline_updates.minimum_samples baseline_updates.update_frequency_days
    establish_baseline baseline_file regression_threshold
    auto_scaling request_batching memory_tracking dashboards tcp_optimization http_optimization
""")
_REPORTING = _keys("""
    output_dir file_prefix timestamp_format formats default_format include_debug_info include_server_logs
    include_request_response include_environment_info open_html overwrite_existing retention_days
    html.include_charts html.chart_types json.pretty_print json.include_raw_responses json.include_sql_queries
    distribution.email.enabled distribution.email.smtp_server distribution.email.smtp_port distribution.email.username
    distribution.email.password distribution.email.from_address distribution.email.to_addresses
    distribution.email.subject_template distribution.email.send_on_success distribution.email.send_on_failure
    distribution.email.send_summary distribution.email.recipients distribution.email.on_failure
    distribution.email.daily_summary
    distribution.slack.enabled distribution.slack.webhook_url distribution.slack.channel distribution.slack.username
    distribution.slack.notify_on_failure distribution.slack.notify_on_success distribution.slack.notify_on_regression
    distribution.slack.include_summary distribution.slack.include_failures distribution.slack.max_message_length
    distribution.slack.on_failure distribution.slack.weekly_summary
    charts.enabled charts.types charts.size charts.size.width charts.size.height charts.theme charts.format
    charts.max_data_points charts.aggregation_interval trend_analysis
    custom_templates.html.template_path custom_templates.html.css_path custom_templates.html.js_path
    custom_templates.json.template_path custom_templates.json.schema_validation template_variables
""")
_SECURITY = _keys("""
    enable_audit_logging audit_log_path audit_log_format audit_log_rotation audit_retention_days
    authentication.enabled authentication.method authentication.token_header authentication.token_prefix
    data_protection.encrypt_sensitive_data data_protection.hash_pii data_protection.mask_secrets
    data_protection.encryption_algorithm data_protection.key_derivation data_protection.key_management
    data_protection.vault_endpoint
    access_control.enable_rbac access_control.rbac_config_path access_control.default_permissions
    access_control.admin_permissions rbac.enabled rbac.config_file
    compliance.gdpr compliance.hipaa compliance.sox compliance.data_classification compliance.data_retention_policy
    compliance.require_security_tests compliance.security_test_suites compliance.generate_compliance_report
    compliance.format
    vulnerability_scanning.enabled vulnerability_scanning.scanner vulnerability_scanning.scanner_timeout
    vulnerability_scanning.scan_inputs vulnerability_scanning.scan_outputs vulnerability_scanning.scan_network
    vulnerability_scanning.vuln_db_path vulnerability_scanning.update_vuln_db vulnerability_scanning.fail_on_critical
    vulnerability_scanning.fail_on_high vulnerability_scanning.max_medium_vulnerabilities
""")
_MONITORING = _keys("""
    enabled metrics.enabled metrics.port metrics.path metrics.format metrics.collection_interval
    metrics.collection_interval_seconds metrics.retention_hours
    health.enabled health.port health.path health.timeout health.timeout_seconds
    prometheus.enabled prometheus.endpoint prometheus.job_name prometheus.push_gateway
    prometheus.push_gateway.enabled prometheus.push_gateway.url prometheus.push_gateway.job_name
    prometheus.push_gateway.push_interval prometheus.push_gateway.push_interval_seconds
    prometheus.custom_metrics[].name prometheus.custom_metrics[].type prometheus.custom_metrics[].help
    prometheus.custom_metrics[].labels custom_metrics[].name custom_metrics[].type custom_metrics[].help
    custom_metrics[].labels
    alerting.enabled alerting.channels alerting.rules[].name alerting.rules[].condition alerting.rules[].duration
    alerting.rules[].severity alerting.rules[].description alerting.rules[].actions
    metrics_port health_check_port alerts.performance_regression_threshold alerts.error_rate_threshold
    alerts.success_rate_threshold alerts.response_time_threshold_ms
""")
_VALIDATION = _keys("strict_schema validate_references check_file_paths warn_on_unknown_fields")
_ACTING = _keys("reporting.output_dir reporting.formats")

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "performance": _PERFORMANCE,
    "reporting": _REPORTING,
    "security": _SECURITY,
    "monitoring": _MONITORING,
    "validation": _VALIDATION,
    "environments": (),
    "baselines": (),
    "cluster": _keys("""
        enabled nodes[].name nodes[].endpoint nodes[].capacity
        load_balancing.strategy load_balancing.health_check load_balancing.failover
        distribution.chunk_size distribution.replication_factor
    """),
}
"""Section → the keys that are documented below it; none: whatever stands there."""


def treatments(section: str) -> Mapping[str, Treatment]:
    """What becomes of the keys at the first level of a section; of what is not documented, nothing is known."""
    tops = dict.fromkeys(path.split(".")[0].removesuffix("[]") for path in SECTIONS[section])
    return {top: _treatment(section, top) for top in tops}


def _treatment(section: str, top: str) -> Treatment:
    if f"{section}.{top}" in _ACTING:
        return Configures()
    return Defers(below=documented_below(top, SECTIONS[section]))
