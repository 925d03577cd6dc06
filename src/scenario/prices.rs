//! What things cost.

use serde::{Deserialize, Serialize};

use super::Kind;
use super::units::plain;

/// What running the drawing costs, in dollars. One list for the whole scenario, to be edited: the
/// defaults are public list prices, on demand, of Amazon Web Services, region us-east-1, in 2024.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Prices {
    /// A load balancer, an hour (Application Load Balancer, without capacity units).
    #[serde(skip_serializing_if = "is_default_balancer", serialize_with = "plain")]
    pub load_balancer: f64,
    /// A million requests to a rate limiter (WAF).
    #[serde(skip_serializing_if = "is_default_limiter", serialize_with = "plain")]
    pub rate_limiter: f64,
    /// An instance of a server, an hour (EC2 m5.large, Linux).
    #[serde(skip_serializing_if = "is_default_server", serialize_with = "plain")]
    pub server: f64,
    /// A million requests to an API gateway (Amazon API Gateway, REST).
    #[serde(skip_serializing_if = "is_default_gateway", serialize_with = "plain")]
    pub api_gateway: f64,
    /// A million look-ups of a name (Route 53).
    #[serde(skip_serializing_if = "is_default_dns", serialize_with = "plain")]
    pub dns: f64,
    /// A million calls to a function (Lambda).
    #[serde(skip_serializing_if = "is_default_function", serialize_with = "plain")]
    pub function: f64,
    /// A gigabyte of a function's memory for a second, from the start of a call to its answer (Lambda).
    #[serde(skip_serializing_if = "is_default_second", serialize_with = "plain")]
    pub gigabyte_second: f64,
    /// A cache, an hour (`ElastiCache` cache.m5.large).
    #[serde(skip_serializing_if = "is_default_cache", serialize_with = "plain")]
    pub cache: f64,
    /// A database or replica, an hour (RDS for `PostgreSQL` db.m5.large, single zone).
    #[serde(skip_serializing_if = "is_default_database", serialize_with = "plain")]
    pub database: f64,
    /// A million requests to a queue: messages taken in, and deliveries (SQS, standard queue).
    #[serde(skip_serializing_if = "is_default_queue", serialize_with = "plain")]
    pub queue: f64,
    /// A gigabyte that is answered to clients (to the Internet, the first 10 TB a month).
    #[serde(skip_serializing_if = "is_default_out", serialize_with = "plain")]
    pub gigabyte_out: f64,
    /// A gigabyte from one zone to another of the region (0.01 for each of the two).
    #[serde(
        skip_serializing_if = "is_default_across_zones",
        serialize_with = "plain"
    )]
    pub gigabyte_across_zones: f64,
    /// A gigabyte from one region to another (from us-east-1).
    #[serde(
        skip_serializing_if = "is_default_across_regions",
        serialize_with = "plain"
    )]
    pub gigabyte_across_regions: f64,
}

impl Default for Prices {
    fn default() -> Self {
        Self {
            load_balancer: 0.0225,
            rate_limiter: 0.6,
            server: 0.096,
            api_gateway: 3.5,
            dns: 0.4,
            function: 0.2,
            gigabyte_second: 0.000_016_666_7,
            cache: 0.156,
            database: 0.178,
            queue: 0.4,
            gigabyte_out: 0.09,
            gigabyte_across_zones: 0.02,
            gigabyte_across_regions: 0.02,
        }
    }
}

/// How a box is billed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Price {
    /// Dollars an hour, for each instance.
    InstanceHour(f64),
    /// Dollars a million requests.
    MillionRequests(f64),
    /// Dollars a million calls, and a gigabyte for a second.
    CallsAndSeconds(f64, f64),
}

impl Prices {
    /// How a kind of box is billed. `None`: it costs nothing.
    pub fn of(&self, kind: Kind) -> Option<Price> {
        Some(match kind {
            Kind::LoadBalancer => Price::InstanceHour(self.load_balancer),
            Kind::Server => Price::InstanceHour(self.server),
            Kind::Cache => Price::InstanceHour(self.cache),
            Kind::Database | Kind::Replica => Price::InstanceHour(self.database),
            Kind::RateLimiter => Price::MillionRequests(self.rate_limiter),
            Kind::ApiGateway => Price::MillionRequests(self.api_gateway),
            Kind::Dns => Price::MillionRequests(self.dns),
            Kind::Function => Price::CallsAndSeconds(self.function, self.gigabyte_second),
            Kind::Queue => Price::MillionRequests(self.queue),
            Kind::Client => return None,
        })
    }
}

fn is_default_balancer(price: &f64) -> bool {
    *price == Prices::default().load_balancer
}

fn is_default_limiter(price: &f64) -> bool {
    *price == Prices::default().rate_limiter
}

fn is_default_server(price: &f64) -> bool {
    *price == Prices::default().server
}

fn is_default_gateway(price: &f64) -> bool {
    *price == Prices::default().api_gateway
}

fn is_default_dns(price: &f64) -> bool {
    *price == Prices::default().dns
}

fn is_default_function(price: &f64) -> bool {
    *price == Prices::default().function
}

fn is_default_second(price: &f64) -> bool {
    *price == Prices::default().gigabyte_second
}

fn is_default_cache(price: &f64) -> bool {
    *price == Prices::default().cache
}

fn is_default_database(price: &f64) -> bool {
    *price == Prices::default().database
}

fn is_default_queue(price: &f64) -> bool {
    *price == Prices::default().queue
}

fn is_default_out(price: &f64) -> bool {
    *price == Prices::default().gigabyte_out
}

fn is_default_across_zones(price: &f64) -> bool {
    *price == Prices::default().gigabyte_across_zones
}

fn is_default_across_regions(price: &f64) -> bool {
    *price == Prices::default().gigabyte_across_regions
}
