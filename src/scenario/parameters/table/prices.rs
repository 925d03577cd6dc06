//! What things cost.

use super::row;
use crate::scenario::{
    check::limits,
    parameters::{Editor, Parameter, Whose},
};

pub const PRICES: &[Parameter] = &[
    price(
        "load_balancer",
        "Load balancer price",
        "0.0225",
        "A load balancer, an hour",
        "Amazon Application Load Balancer without capacity units, us-east-1, 2024",
    )
    .unit("$/h"),
    price(
        "rate_limiter",
        "Rate limiter price",
        "0.6",
        "A million requests to a rate limiter, those that it refuses included",
        "Amazon WAF, us-east-1, 2024",
    )
    .unit("$/million"),
    price(
        "server",
        "Server price",
        "0.096",
        "An instance of a server, an hour",
        "Amazon EC2 m5.large, Linux, on demand, us-east-1, 2024",
    )
    .unit("$/h"),
    price(
        "api_gateway",
        "API gateway price",
        "3.5",
        "A million requests to an API gateway, those that it refuses included",
        "Amazon API Gateway, REST, us-east-1, 2024",
    )
    .unit("$/million"),
    price(
        "dns",
        "DNS price",
        "0.4",
        "A million look-ups of a name; what is remembered costs nothing",
        "Amazon Route 53, 2024",
    )
    .unit("$/million"),
    price(
        "function",
        "Function price",
        "0.2",
        "A million calls to a function",
        "AWS Lambda, us-east-1, 2024",
    )
    .unit("$/million"),
    price(
        "gigabyte_second",
        "Memory price",
        "0.0000166667",
        "A gigabyte of a function's memory for a second, from the start of a call to its answer",
        "AWS Lambda, x86, us-east-1, 2024",
    )
    .unit("$/GB/s"),
    price(
        "cache",
        "Cache price",
        "0.156",
        "A cache, an hour",
        "Amazon ElastiCache cache.m5.large, on demand, us-east-1, 2024",
    )
    .unit("$/h"),
    price(
        "database",
        "Database price",
        "0.178",
        "A database or replica, an hour",
        "Amazon RDS for PostgreSQL db.m5.large, single zone, on demand, us-east-1, 2024",
    )
    .unit("$/h"),
    price(
        "queue",
        "Queue price",
        "0.4",
        "A million requests to a queue: messages taken in, and deliveries",
        "Amazon SQS standard queue, us-east-1, 2024",
    )
    .unit("$/million"),
    price(
        "gigabyte_out",
        "Traffic out price",
        "0.09",
        "A gigabyte that is answered to clients",
        "Amazon EC2, data transfer out to the Internet, first 10 TB a month, us-east-1, 2024",
    )
    .unit("$/GB"),
    price(
        "gigabyte_across_zones",
        "Traffic across zones price",
        "0.02",
        "A gigabyte from one zone to another of its region",
        "Amazon EC2, data transfer, 0.01 in and 0.01 out, us-east-1, 2024",
    )
    .unit("$/GB"),
    price(
        "gigabyte_across_regions",
        "Traffic across regions price",
        "0.02",
        "A gigabyte from one region to another",
        "Amazon EC2, data transfer from us-east-1, 2024",
    )
    .unit("$/GB"),
];

const fn price(
    key: &'static str,
    name: &'static str,
    default: &'static str,
    explanation: &'static str,
    source: &'static str,
) -> Parameter {
    row(key, name, Editor::Number, default, explanation)
        .within(limits::PRICE)
        .source(source)
        .raises("cost")
        .of(Whose::System)
}
