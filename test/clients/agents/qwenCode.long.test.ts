import { agentSuite } from '../../support/clients/agents/agentSuite.ts';
import { qwenCode } from '../../support/clients/agents/qwenCode.ts';

agentSuite(qwenCode);
