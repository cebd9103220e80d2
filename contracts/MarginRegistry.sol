// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IMarginRegistry} from "./IMarginRegistry.sol";

/// @title Registry of accounts whose margin is proved in zero knowledge.
/// @dev Nothing is called but the verifier contracts, by staticcall: no reentrance.
contract MarginRegistry is IMarginRegistry, Ownable2Step {
    /// A market that was posted.
    struct Market {
        uint64 sequence;
        uint64 time;
    }

    struct Verifier {
        address target;
        uint64 gas;
    }

    uint256 private constant MODULUS = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;
    bytes32 private constant ATTESTATION =
        keccak256("Attestation(bytes32 snapshot,bytes32 policy,bytes32 market,uint64 sequence,uint64 time)");
    /// A market is the same on every chain: the domain has neither chain nor contract.
    bytes32 private constant DOMAIN = keccak256(
        abi.encode(keccak256("EIP712Domain(string name,string version)"), keccak256("zkmargin"), keccak256("1"))
    );
    /// Header words before the exposures of a liquidation proof, and all of a solvency proof's.
    uint256 private constant LIQUIDATION_WORDS = 16;
    uint256 private constant SOLVENCY_WORDS = 50;
    /// Liquidation words that say what the policy shows.
    uint256 private constant EXPOSURES_SHOWN = 10;
    uint256 private constant TERMS_SHOWN = 12;

    mapping(Statement => mapping(uint8 => Verifier)) public verifiers;
    mapping(bytes32 => PolicyRule) private policies;
    mapping(bytes32 => Account) private accounts;
    mapping(bytes32 => bool) public commitmentUsed;
    mapping(bytes32 => mapping(bytes32 => Market)) public markets;
    mapping(bytes32 => bytes32) public lastMarket;
    /// Time of the first market after a silence of the oracles that was longer than the policy's period.
    mapping(bytes32 => uint64) public resumed;
    mapping(address => mapping(uint64 => bool)) public nonceUsed;

    constructor(address venue) Ownable(venue) {}

    /// @inheritdoc IMarginRegistry
    function registerVerifier(Statement statement, uint8 shape, address verifier, uint64 gas) external onlyOwner {
        if (verifier.code.length == 0) revert NoContract(verifier);
        verifiers[statement][shape] = Verifier(verifier, gas);
        emit VerifierRegistered(statement, shape, verifier, gas);
    }

    /// @inheritdoc IMarginRegistry
    function registerPolicy(bytes32 policy, PolicyRule calldata rule) external onlyOwner {
        if (policies[policy].threshold != 0) revert PolicyExists(policy);
        if (rule.threshold == 0 || rule.threshold > rule.signers.length) revert InvalidSigners();
        uint64 most = type(uint32).max;
        if (rule.maxAge > most || rule.maxFuture > most || rule.period > most || rule.grace > most) revert InvalidSpan();
        address last;
        for (uint256 i = 0; i < rule.signers.length; ++i) {
            if (rule.signers[i] <= last) revert InvalidSigners();
            last = rule.signers[i];
        }
        policies[policy] = rule;
        emit PolicyRegistered(policy);
    }

    /// @inheritdoc IMarginRegistry
    function openAccount(bytes32 account, bytes32 policy, bytes32 commitment, uint64 sequence) external onlyOwner {
        if (policies[policy].threshold == 0) revert UnknownPolicy(policy);
        if (accounts[account].commitment != 0) revert AccountExists(account);
        _useCommitment(commitment);
        uint64 time = uint64(block.timestamp);
        accounts[account] = Account(policy, commitment, sequence, time, time, false, false);
        emit AccountOpened(account, policy, commitment, sequence);
    }

    /// @inheritdoc IMarginRegistry
    function recommit(bytes32 account, bytes32 commitment, uint64 sequence) external onlyOwner {
        Account storage state = _open(account);
        if (sequence <= state.sequence) revert Sequence(sequence, state.sequence);
        _useCommitment(commitment);
        (state.commitment, state.sequence, state.consumed) = (commitment, sequence, false);
        state.since = uint64(block.timestamp);
        // Nobody could have proved this commitment's health yet.
        if (state.stopped) (state.alive, state.stopped) = (state.since, false);
        emit Recommitted(account, commitment, sequence);
    }

    /// @inheritdoc IMarginRegistry
    function postMarket(Attestation calldata market, bytes[] calldata signatures) external {
        PolicyRule storage rule = policies[market.policy];
        if (rule.threshold == 0) revert UnknownPolicy(market.policy);
        bytes32 last = lastMarket[market.policy];
        Market storage posted = markets[market.policy][last];
        if (last == market.market && posted.sequence == market.sequence && posted.time == market.time) return;
        if (last != 0 && market.sequence == posted.sequence) revert OtherMarket(market.market, last);
        if (last != 0 && market.sequence < posted.sequence) revert Sequence(market.sequence, posted.sequence);
        if (market.time > block.timestamp + rule.maxFuture) {
            revert Future(market.time, uint64(block.timestamp) + rule.maxFuture);
        }
        _requireFresh(market.time, rule);
        _requireSigned(attestationDigest(market), signatures, rule);
        // After a silence of the oracles every clock has its whole span again.
        if (market.time > posted.time + rule.period) resumed[market.policy] = market.time;
        markets[market.policy][market.market] = Market(market.sequence, market.time);
        lastMarket[market.policy] = market.market;
        emit MarketPosted(market.policy, market.market, market.sequence, market.time);
    }

    /// @inheritdoc IMarginRegistry
    function liquidate(Proof calldata proof, Terms calldata terms, Use calldata use) external {
        Account storage state = _open(proof.account);
        if (state.consumed) revert Consumed(proof.account);
        Verifier memory verifier = _verifier(Statement.Liquidation, proof.shape);
        bytes32 context = _use(use);
        _requireMarket(proof, state, Statement.Liquidation);
        bytes memory header = _liquidationHeader(proof, terms, state.commitment, context);
        _verify(verifier, proof, header);
        state.consumed = true;
        emit Eligible(proof.account, msg.sender, terms.repay, terms.incentive);
    }

    /// @inheritdoc IMarginRegistry
    function proveHealth(Proof calldata proof, Use calldata use) external {
        Account storage state = _open(proof.account);
        if (policies[state.policy].period == 0) revert NoHeartbeat(state.policy);
        Verifier memory verifier = _verifier(Statement.Solvency, proof.shape);
        bytes32 context = _use(use);
        uint64 time = _requireMarket(proof, state, Statement.Solvency);
        if (time < state.alive) revert Earlier(time, state.alive);
        if (proof.rules.length != SOLVENCY_WORDS) revert InvalidRules(proof.rules.length, SOLVENCY_WORDS);
        bytes memory header = abi.encodePacked(state.commitment, context, proof.rules[2:]);
        _verify(verifier, proof, header);
        (state.alive, state.stopped) = (time, false);
        emit Healthy(proof.account, time);
    }

    /// @inheritdoc IMarginRegistry
    function stop(bytes32 account) external {
        Account storage state = _open(account);
        PolicyRule storage rule = policies[state.policy];
        if (rule.period == 0) revert NoHeartbeat(state.policy);
        if (state.stopped) revert Stopped(account);
        uint64 last = markets[state.policy][lastMarket[state.policy]].time;
        if (last + rule.period < block.timestamp) revert NoMarkets(last);
        uint64 from = resumed[state.policy];
        if (from < state.alive) from = state.alive;
        uint64 until = from + rule.period + rule.grace;
        if (block.timestamp <= until) revert Alive(until);
        state.stopped = true;
        emit HeartbeatStopped(account, state.alive);
    }

    /// @inheritdoc IMarginRegistry
    function accountOf(bytes32 account) external view returns (Account memory) {
        return accounts[account];
    }

    /// @notice A policy's rule.
    function policyOf(bytes32 policy) external view returns (PolicyRule memory) {
        return policies[policy];
    }

    /// @inheritdoc IMarginRegistry
    function attestationDigest(Attestation calldata market) public pure returns (bytes32) {
        bytes32 content = keccak256(abi.encode(ATTESTATION, market));
        return keccak256(abi.encodePacked("\x19\x01", DOMAIN, content));
    }

    /// @inheritdoc IMarginRegistry
    function contextDigest(address sender, Use calldata use) public view returns (bytes32) {
        bytes32 digest = keccak256(
            abi.encodePacked(
                "zkmargin.context.v2",
                uint64(block.chainid),
                address(this),
                sender,
                use.deadline,
                use.nonce,
                use.maxPriorityFeePerGas
            )
        );
        // 248 bits of it are a field element.
        return digest & bytes32(type(uint256).max >> 8);
    }

    function _open(bytes32 account) private view returns (Account storage state) {
        state = accounts[account];
        if (state.commitment == 0) revert UnknownAccount(account);
    }

    function _useCommitment(bytes32 commitment) private {
        if (commitment == 0 || uint256(commitment) >= MODULUS || commitmentUsed[commitment]) {
            revert InvalidCommitment(commitment);
        }
        commitmentUsed[commitment] = true;
    }

    /// Spends a use: the sender's, in time, at no higher fee, once.
    function _use(Use calldata use) private returns (bytes32) {
        if (block.timestamp > use.deadline) revert Deadline(use.deadline);
        uint256 paid = tx.gasprice - block.basefee;
        if (paid > use.maxPriorityFeePerGas) revert PriorityFee(paid, use.maxPriorityFeePerGas);
        if (nonceUsed[msg.sender][use.nonce]) revert NonceUsed(use.nonce);
        nonceUsed[msg.sender][use.nonce] = true;
        return contextDigest(msg.sender, use);
    }

    function _verifier(Statement statement, uint8 shape) private view returns (Verifier memory verifier) {
        verifier = verifiers[statement][shape];
        if (verifier.target == address(0)) revert NoVerifier(statement, shape);
    }

    function _requireFresh(uint64 time, PolicyRule storage rule) private view {
        if (time + rule.maxAge < block.timestamp) revert Stale(time, uint64(block.timestamp) - rule.maxAge);
    }

    /// Signers must increase, so that none counts twice.
    function _requireSigned(bytes32 digest, bytes[] calldata signatures, PolicyRule storage rule) private view {
        if (signatures.length < rule.threshold) revert Threshold(signatures.length, rule.threshold);
        address last;
        for (uint256 i = 0; i < signatures.length; ++i) {
            address signer = ECDSA.recover(digest, signatures[i]);
            if (signer <= last) revert SignerOrder(signer);
            last = signer;
            if (!_isSigner(rule, signer)) revert UnknownSigner(signer);
        }
    }

    function _isSigner(PolicyRule storage rule, address signer) private view returns (bool) {
        for (uint256 i = 0; i < rule.signers.length; ++i) {
            if (rule.signers[i] == signer) return true;
        }
        return false;
    }

    /// The proof's header words are those of a fresh market under the account's policy, no older than its commitment.
    function _requireMarket(Proof calldata proof, Account storage state, Statement statement)
        private
        view
        returns (uint64 time)
    {
        time = markets[state.policy][proof.market].time;
        if (time == 0) revert UnknownMarket(proof.market);
        if (time > block.timestamp) revert Future(time, uint64(block.timestamp));
        if (time < state.since) revert Earlier(time, state.since);
        _requireFresh(time, policies[state.policy]);
        bytes32 own = keccak256(abi.encodePacked(proof.rules));
        bytes memory both = statement == Statement.Liquidation
            ? abi.encodePacked(own, proof.otherRules)
            : abi.encodePacked(proof.otherRules, own);
        if (keccak256(both) != proof.market) revert OtherRules(proof.market);
    }

    function _liquidationHeader(Proof calldata proof, Terms calldata terms, bytes32 commitment, bytes32 context)
        private
        pure
        returns (bytes memory)
    {
        bytes32[] calldata rules = proof.rules;
        if (rules.length != LIQUIDATION_WORDS) revert InvalidRules(rules.length, LIQUIDATION_WORDS);
        if (rules[TERMS_SHOWN] == 0 && (terms.repay != 0 || terms.incentive != 0)) revert InvalidTerms();
        // Number, delta, gamma and vega of 4, 8 or 16 underlyings.
        uint256 words = 8 << proof.shape;
        bool shown = rules[EXPOSURES_SHOWN] != 0;
        if (terms.exposures.length != (shown ? words : 0)) revert InvalidTerms();
        bytes memory exposures = shown ? abi.encodePacked(terms.exposures) : new bytes(32 * words);
        return abi.encodePacked(commitment, context, terms.repay, terms.incentive, rules[4:], exposures);
    }

    /// A precompile burns all gas where a point is not on its curve: the call is capped.
    function _verify(Verifier memory verifier, Proof calldata proof, bytes memory header) private view {
        bytes memory input = bytes.concat(header, proof.proof, proof.table);
        uint256 available = gasleft() - gasleft() / 64;
        if (available < verifier.gas) revert Gas(available, verifier.gas);
        (bool success, bytes memory answer) = verifier.target.staticcall{gas: verifier.gas}(input);
        // A contract that does nothing succeeds as well: a verifier answers 1.
        if (!success || answer.length != 32 || abi.decode(answer, (uint256)) != 1) revert ProofRejected();
    }
}
