//! Everything about a proof that is checked before its bytes are, and the public inputs that they are checked against.

use halo2curves::bn256::Fr;
use zkmargin_circuits::{
    circuit::{InstanceError, header, solvency_header},
    field,
    model::{HexBytes, Policy, Snapshot},
    public::{PublicTable, TableError, columns_digest, used_rows},
    shape::{Shape, Statement},
};

use crate::{
    ProofFile, Rejection, Request, VerifyingKey,
    backend::{self, Equation},
};

/// One market under one policy, with its public table: what all proofs about it have in common. A service that checks proofs one
/// by one as they come makes it once; [`verify`](crate::verify) makes it anew for each.
#[derive(Debug)]
pub struct Market<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) policy: &'a Policy,
    table: PublicTable,
    policy_digest: HexBytes<32>,
    /// Rows that the table takes in a circuit.
    rows: usize,
    /// The table's columns as the backend is given them: without the zero rows at their end, and so the same in every shape.
    columns: Vec<Vec<Fr>>,
    /// Of these columns: the transcript absorbs it in their place.
    digest: [u8; 32],
}

impl<'a> Market<'a> {
    /// Builds the public table.
    ///
    /// # Errors
    /// [`TableError`] if snapshot and policy make none.
    pub fn new(snapshot: &'a Snapshot, policy: &'a Policy) -> Result<Self, TableError> {
        let table = PublicTable::new(snapshot, policy)?;
        let rows = table.rows().len();
        let mut shapes = Shape::ALL.into_iter();
        let shape = shapes.find(|shape| rows <= shape.table_rows());
        let columns = table.instance_columns(shape.unwrap_or(Shape::Large))?;
        let columns: Vec<_> = used_rows(&columns)
            .into_iter()
            .map(<[Fr]>::to_vec)
            .collect();
        Ok(Self {
            snapshot,
            policy,
            table,
            rows,
            policy_digest: HexBytes(policy.digest()),
            digest: columns_digest(&columns),
            columns,
        })
    }

    /// The public table.
    pub fn table(&self) -> &PublicTable {
        &self.table
    }

    /// The table's columns, if the shape's circuit has room for them.
    fn columns(&self, shape: Shape) -> Result<&[Vec<Fr>], Rejection> {
        let rows = self.rows;
        if rows > shape.table_rows() {
            let source = TableError::TooManyRows { rows, shape };
            return Err(Rejection::TableSize { shape, source });
        }
        Ok(&self.columns)
    }
}

/// A proof that has passed every check but the last.
#[derive(Debug)]
pub(crate) struct Ready<'a> {
    /// The key that it was made under.
    pub key: &'a VerifyingKey,
    /// Digest of the context that it is bound to.
    pub context: HexBytes<32>,
    /// Digest of the policy that it is about.
    pub policy: HexBytes<32>,
    header: Vec<Fr>,
    table: &'a [Vec<Fr>],
    proof: &'a [u8],
}

impl<'a> Ready<'a> {
    /// Every check but the last: of the file's claims, the context, the deadline, terms, table and the proof's length.
    ///
    /// # Errors
    /// [`Rejection`].
    pub fn new(
        file: &'a ProofFile,
        request: &Request<'a>,
        statement: Statement,
        market: &'a Market<'_>,
    ) -> Result<Self, Rejection> {
        let key = request.key;
        let commitment = field::from_be_bytes(&request.commitment.0)
            .ok_or(Rejection::CommitmentRange(request.commitment))?;
        check_claims(file, request, statement)?;
        let context = check_context(file, request)?;
        check_terms(file, statement)?;
        // The digest's top byte is zero, so it is always a field element.
        let scope = field::from_be_bytes(&context.0).unwrap_or_default();
        let Market { table, digest, .. } = market;
        let expected = HexBytes(*digest);
        if file.table != expected {
            return Err(Rejection::OtherTable {
                proof: file.table,
                expected,
            });
        }
        let columns = market.columns(file.shape)?;
        let header = match statement {
            Statement::Solvency => {
                solvency_header(table, *digest, commitment, scope).map_err(|error| match error {
                    InstanceError::Engine(source) => Rejection::Branches(source),
                    InstanceError::Disclosure(error) => Rejection::Disclosure(error),
                    _ => Rejection::Proof,
                })?
            }
            _ => header(file.shape, table, *digest, commitment, scope, &file.terms())?,
        };
        backend::check_header(key, &header)?;
        backend::check_bytes(key, &file.proof.0)?;
        Ok(Self {
            key,
            context,
            policy: market.policy_digest,
            header,
            table: columns,
            proof: &file.proof.0,
        })
    }

    /// Reads the proof up to its last equation.
    ///
    /// # Errors
    /// [`Rejection::Proof`].
    pub fn read(&self) -> Result<Equation<'a>, Rejection> {
        let header = std::iter::once(self.header.as_slice());
        let columns: Vec<_> = header.chain(self.table.iter().map(Vec::as_slice)).collect();
        backend::read(self.key, &columns, self.proof)
    }
}

/// The context's digest.
fn check_context(file: &ProofFile, request: &Request<'_>) -> Result<HexBytes<32>, Rejection> {
    let context = HexBytes(request.context.digest());
    if file.context != context {
        return Err(Rejection::Context {
            proof: file.context,
            expected: context,
        });
    }
    if request.at > request.context.deadline {
        return Err(Rejection::Deadline {
            deadline: request.context.deadline,
            at: request.at,
        });
    }
    Ok(context)
}

/// What the file says of itself, held against the caller's statement, key and commitment.
fn check_claims(
    file: &ProofFile,
    request: &Request<'_>,
    statement: Statement,
) -> Result<(), Rejection> {
    let key = request.key;
    if file.statement != statement {
        return Err(Rejection::OtherStatement {
            proof: file.statement,
            expected: statement,
        });
    }
    if file.statement != key.statement() {
        return Err(Rejection::Statement {
            proof: file.statement,
            key: key.statement(),
        });
    }
    if file.shape != key.shape() {
        return Err(Rejection::Shape {
            proof: file.shape,
            key: key.shape(),
        });
    }
    if file.key.0 != key.digest() {
        return Err(Rejection::Key {
            proof: file.key,
            key: HexBytes(key.digest()),
        });
    }
    if file.unsafe_dev_parameters != key.is_unsafe_dev() {
        return Err(Rejection::Parameters {
            proof: file.unsafe_dev_parameters,
            key: key.is_unsafe_dev(),
        });
    }
    if file.commitment != request.commitment {
        return Err(Rejection::Commitment {
            proof: file.commitment,
            expected: request.commitment,
        });
    }
    Ok(())
}

/// Terms that can be terms; none beside a proof of solvency, which is not bound to any.
fn check_terms(file: &ProofFile, statement: Statement) -> Result<(), Rejection> {
    if statement == Statement::Solvency {
        let claimed = [
            ("repay", file.repay.is_some()),
            ("incentive_rate", file.incentive_rate.is_some()),
            ("exposures", file.exposures.is_some()),
        ];
        return match claimed.into_iter().find(|(_, there)| *there) {
            Some((field, _)) => Err(Rejection::HealthTerms { field }),
            None => Ok(()),
        };
    }
    for (field, negative) in [
        ("repay", file.repay.is_some_and(|v| v.units() < 0)),
        (
            "incentive_rate",
            file.incentive_rate.is_some_and(|v| v.units() < 0),
        ),
    ] {
        if negative {
            return Err(Rejection::Terms { field });
        }
    }
    Ok(())
}
