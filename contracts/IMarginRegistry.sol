// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// @title Accounts under risk policies, and what zero-knowledge proofs say of them.
/// @notice A venue registers policies, verifier contracts and account commitments; oracles sign markets; anyone submits proofs.
interface IMarginRegistry {
    /// What a proof states, as the verifier crate numbers it.
    enum Statement {
        None,
        Liquidation,
        Solvency
    }

    /// Who may sign a policy's markets, how fresh they are, and how often accounts prove their health.
    struct PolicyRule {
        /// Oracles, strictly increasing.
        address[] signers;
        /// How many of them sign a market.
        uint32 threshold;
        /// A market may be this many seconds old when it is used.
        uint64 maxAge;
        /// A market may be this many seconds ahead of the block when it is posted.
        uint64 maxFuture;
        /// Seconds between proofs of health; 0 where the policy has no heartbeat.
        uint64 period;
        /// Seconds after the period before an account becomes eligible.
        uint64 grace;
    }

    /// One instant of the market under one policy: what oracles sign (EIP-712).
    struct Attestation {
        /// Digest of the snapshot file.
        bytes32 snapshot;
        /// Digest of the policy file.
        bytes32 policy;
        /// Digest of all public inputs that follow from the two.
        bytes32 market;
        /// Grows from snapshot to snapshot.
        uint64 sequence;
        /// Unix seconds.
        uint64 time;
    }

    /// Who may use a proof, until when, and at what priority fee: the context that it is bound to, with chain and contract.
    struct Use {
        /// Last second.
        uint64 deadline;
        /// Spent with the proof; one for each proof of a sender.
        uint64 nonce;
        /// Most wei above the base fee that the sender pays.
        uint64 maxPriorityFeePerGas;
    }

    /// A proof with its public inputs.
    struct Proof {
        /// The account.
        bytes32 account;
        /// Shape of the circuit: 1 small, 2 medium, 3 large.
        uint8 shape;
        /// The market that was posted.
        bytes32 market;
        /// The statement's header words that follow from snapshot and policy, 0 where the account or the terms stand.
        bytes32[] rules;
        /// keccak256 of the other statement's.
        bytes32 otherRules;
        /// The public table: 7 columns, one after the other.
        bytes table;
        /// The proof.
        bytes proof;
    }

    /// What a liquidation proof discloses.
    struct Terms {
        /// Units of 1e-8 USD; 0 where the policy hides it.
        uint256 repay;
        /// Units of 1e-8; 0 where the policy hides it.
        uint256 incentive;
        /// By underlying: number, delta, gamma, vega in ticks, field elements; empty where the policy hides them.
        bytes32[] exposures;
    }

    /// An account.
    struct Account {
        /// Digest of its policy.
        bytes32 policy;
        /// Its commitment of the day; 0 of an account that is not open.
        bytes32 commitment;
        /// Sequence of the commitment.
        uint64 sequence;
        /// When the commitment was registered: markets before it say nothing of it.
        uint64 since;
        /// The last sign of life: the opening, the market of the last proof of health, or the change after a stop.
        uint64 alive;
        /// Whether the eligibility of this commitment is consumed.
        bool consumed;
        /// Whether the heartbeat was found stopped.
        bool stopped;
    }

    event VerifierRegistered(Statement indexed statement, uint8 indexed shape, address verifier, uint64 gas);
    event PolicyRegistered(bytes32 indexed policy);
    event AccountOpened(bytes32 indexed account, bytes32 indexed policy, bytes32 commitment, uint64 sequence);
    event Recommitted(bytes32 indexed account, bytes32 commitment, uint64 sequence);
    event MarketPosted(bytes32 indexed policy, bytes32 indexed market, uint64 sequence, uint64 time);
    /// The account may be liquidated by this liquidator, on these terms.
    event Eligible(bytes32 indexed account, address indexed liquidator, uint256 repay, uint256 incentive);
    /// The account may be liquidated, by anyone: its heartbeat stopped.
    event HeartbeatStopped(bytes32 indexed account, uint64 alive);
    /// The account was healthy at that market.
    event Healthy(bytes32 indexed account, uint64 time);

    /// No code at that address.
    error NoContract(address verifier);
    /// No verifier for that statement and shape.
    error NoVerifier(Statement statement, uint8 shape);
    /// Gas for the verifier is missing: send more.
    error Gas(uint256 available, uint64 needed);
    /// The policy is not registered.
    error UnknownPolicy(bytes32 policy);
    /// The policy is registered already.
    error PolicyExists(bytes32 policy);
    /// Threshold 0 or above the number of signers, or signers not strictly increasing.
    error InvalidSigners();
    /// A span of the policy above 2^32 seconds.
    error InvalidSpan();
    /// The account is not open.
    error UnknownAccount(bytes32 account);
    /// The account is open already.
    error AccountExists(bytes32 account);
    /// The commitment is 0, not below the field's modulus, or was used before.
    error InvalidCommitment(bytes32 commitment);
    /// The sequence does not grow.
    error Sequence(uint64 given, uint64 last);
    /// A market of this sequence is posted already, and is another.
    error OtherMarket(bytes32 given, bytes32 posted);
    /// The market is from the future.
    error Future(uint64 time, uint64 latest);
    /// The market is too old.
    error Stale(uint64 time, uint64 earliest);
    /// The market was not posted under the account's policy.
    error UnknownMarket(bytes32 market);
    /// The header words are not those of the market.
    error OtherRules(bytes32 market);
    /// Fewer signatures than the policy asks for.
    error Threshold(uint256 given, uint32 needed);
    /// Signed by no oracle of the policy.
    error UnknownSigner(address signer);
    /// Signers do not increase: one signed twice, or they are out of order.
    error SignerOrder(address signer);
    /// The deadline has passed.
    error Deadline(uint64 deadline);
    /// The transaction pays more than the priority fee that the proof is bound to.
    error PriorityFee(uint256 paid, uint64 most);
    /// The nonce is spent.
    error NonceUsed(uint64 nonce);
    /// The eligibility of this commitment is consumed.
    error Consumed(bytes32 account);
    /// Terms that the policy hides, or not the ones that it discloses.
    error InvalidTerms();
    /// The header has another number of words.
    error InvalidRules(uint256 given, uint256 needed);
    /// The proof does not verify for this account, market, sender, chain and contract.
    error ProofRejected();
    /// The policy has no heartbeat.
    error NoHeartbeat(bytes32 policy);
    /// A market from before the account's commitment, or before its last proof of health.
    error Earlier(uint64 time, uint64 last);
    /// The heartbeat has not stopped for long enough.
    error Alive(uint64 until);
    /// The heartbeat was found stopped already.
    error Stopped(bytes32 account);
    /// No market was posted for longer than the policy's period: nobody can prove health, so no clock runs out.
    error NoMarkets(uint64 last);

    /// @notice Sets the verifier contract of a statement and shape, and the gas that it is given. Owner only.
    function registerVerifier(Statement statement, uint8 shape, address verifier, uint64 gas) external;

    /// @notice Registers a policy by its digest. Owner only.
    function registerPolicy(bytes32 policy, PolicyRule calldata rule) external;

    /// @notice Opens an account. Owner only: whoever accepts a commitment must have seen the account.
    function openAccount(bytes32 account, bytes32 policy, bytes32 commitment, uint64 sequence) external;

    /// @notice Replaces an account's commitment after a change. Its heartbeat goes on, or begins anew if it was found stopped. Owner only.
    function recommit(bytes32 account, bytes32 commitment, uint64 sequence) external;

    /// @notice Posts a market that a policy's oracles signed. Signatures of 65 bytes, their signers strictly increasing.
    function postMarket(Attestation calldata market, bytes[] calldata signatures) external;

    /// @notice Proves an account under-margined: emits {Eligible} and consumes the eligibility of its commitment.
    function liquidate(Proof calldata proof, Terms calldata terms, Use calldata use) external;

    /// @notice Proves an account healthy: a heartbeat.
    function proveHealth(Proof calldata proof, Use calldata use) external;

    /// @notice Finds an account's heartbeat stopped: emits {HeartbeatStopped}, once until it beats again. It names no liquidator and
    /// consumes nothing: a proof of eligibility is as good as before.
    function stop(bytes32 account) external;

    /// @notice An account.
    function accountOf(bytes32 account) external view returns (Account memory);

    /// @notice What oracles sign: the EIP-712 digest of a market.
    function attestationDigest(Attestation calldata market) external view returns (bytes32);

    /// @notice The context digest of a sender's use.
    function contextDigest(address sender, Use calldata use) external view returns (bytes32);
}
